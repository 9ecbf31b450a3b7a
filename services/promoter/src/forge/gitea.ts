import { Api } from 'gitea-js';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { Asking } from './asking.js';
import { checksOf } from './checks.js';
import { afterRefusal, Closing } from './closing.js';
import { cutBody, cutDescription, cutTitle } from './cut.js';
import {
  type ChecksOf,
  type CommitStatus,
  type Forge,
  ForgeFault,
  type Merge,
  type Merged,
  type NewProposal,
  type Proposal,
} from './forge.js';
import { findPull } from './gitea-find.js';
import { Conflicts, isDraft, type Pull, proposalOf, pullSchema } from './gitea-proposal.js';
import { encodePath, missingOf, perPage, type RepositoryAt, readChecks } from './gitea-rules.js';
import { addLabels, requestReviews } from './gitea-triage.js';
import type { ForgeHttp } from './http.js';
import type { ForgePlaces } from './location.js';
import { allPages } from './pages.js';
import { Refusal } from './refusal.js';

const anything = z.unknown();
const timelineSchema = z
  .array(z.looseObject({ type: z.string().max(100), user: z.looseObject({ login: z.string().max(200) }).nullish() }))
  .max(1_000)
  .nullish();

const repository = 'the scope `write:repository`, or its user the permission to write to the repository';
const scopes = {
  ...{ read: repository, merge: repository, checks: repository, statuses: repository, deployments: repository },
  propose: 'the scopes `write:repository` and `write:issue`',
};

/** https://docs.gitea.com/api/, and https://codeberg.org/api/swagger of Forgejo. */
export class Gitea implements Forge {
  readonly provider = 'gitea';
  readonly #api: Api<unknown>;
  readonly #at: RepositoryAt;
  readonly #asking: Asking;
  readonly #now: () => number;
  readonly #closing = new Closing();
  readonly #conflicts = new Conflicts();
  /** The heads that Gitea refused to merge because they are behind. No answer but that one says so. */
  readonly #behind = new LRUCache<number, string>({ max: 1_000 });

  constructor(http: ForgeHttp, path: string) {
    const [owner = '', repo = ''] = path.split('/').map(encodeURIComponent);
    this.#at = { owner, repo };
    this.#asking = new Asking({ name: http.name, repository: path, scopes });
    this.#now = http.now;
    const customFetch = http.fetch as typeof fetch;
    this.#api = new Api({ baseUrl: http.api, customFetch, baseApiParams: { format: 'json' } });
  }

  async find(head: string, base: string): Promise<Proposal | undefined> {
    const found = await findPull(this.#api, this.#asking, this.#at, { head, base });
    return found && this.#complete(found);
  }

  async get(number: number): Promise<Proposal | undefined> {
    const { owner, repo } = this.#at;
    const pull = await this.#asking.askIfThere(
      pullSchema,
      async () => (await this.#api.repos.repoGetPullRequest(owner, repo, number)).data,
      () => this.#api.repos.repoGet(owner, repo),
    );
    return pull && this.#complete(pull);
  }

  async open(wish: NewProposal): Promise<{ readonly proposal: Proposal; readonly notes: readonly string[] }> {
    const { owner, repo } = this.#at;
    const { head, base, title, body } = wish;
    const created = await this.#asking.tryTo('propose', [409, 422], pullSchema, async () => {
      const named = cutTitle(wish.isDraft ? `WIP: ${title}` : title);
      const options = { head, base, title: named, body: cutBody(body) };
      return (await this.#api.repos.repoCreatePullRequest(owner, repo, options)).data;
    });
    const pull =
      created instanceof Refusal ? await findPull(this.#api, this.#asking, this.#at, { head, base }) : created;
    if (pull?.state !== 'open') {
      const said = created instanceof Refusal ? created.said : 'it is closed already';
      throw new ForgeFault(`Gitea does not open a pull request from ${head} into ${base}: ${said}`);
    }
    const notes = [
      ...(await addLabels(this.#api, this.#asking, this.#at, pull.number, wish.labels)),
      ...(await requestReviews(this.#api, this.#asking, this.#at, pull.number, wish.reviewers)),
    ];
    return { proposal: await this.#complete(pull), notes };
  }

  async merge({ number, commit, method, title, message }: Merge): Promise<Merged> {
    const { owner, repo } = this.#at;
    const merged = await this.#asking.tryTo('merge', [405, 409, 422], anything, () =>
      this.#api.repos.repoMergePullRequest(owner, repo, number, {
        Do: method,
        MergeTitleField: title,
        MergeMessageField: message,
        head_commit_id: commit,
        delete_branch_after_merge: false,
      }),
    );
    if (!(merged instanceof Refusal)) return { is: 'merged' };
    if (/behind the base/i.test(merged.said)) this.#behind.set(number, commit);
    return afterRefusal(this, number, merged.said || 'Gitea says no reason');
  }

  close(number: number, comment: string): Promise<void> {
    const { owner, repo } = this.#at;
    return this.#closing.close(this, number, comment, () =>
      this.#asking.ask('propose', anything, () =>
        this.#api.repos.repoEditPullRequest(owner, repo, number, { state: 'closed' }),
      ),
    );
  }

  async comment(number: number, text: string): Promise<void> {
    const { owner, repo } = this.#at;
    await this.#asking.ask('propose', anything, () =>
      this.#api.repos.issueCreateComment(owner, repo, number, { body: cutBody(text) }),
    );
  }

  async checksOf(commit: string): Promise<ChecksOf> {
    return checksOf(await readChecks(this.#api, this.#asking, this.#at, encodePath(commit)));
  }

  async setStatus({ commit, state, context, description, url }: CommitStatus): Promise<void> {
    const { owner, repo } = this.#at;
    const status = { state, context, description: cutDescription(description), ...(url && { target_url: url }) };
    await this.#asking.ask('statuses', anything, () => this.#api.repos.repoCreateStatus(owner, repo, commit, status));
  }

  /** Adds what is in other answers: what is missing for a merge, and who closed it. */
  async #complete(pull: Pull): Promise<Proposal> {
    const proposal = proposalOf(pull);
    if (proposal.state === 'merged') return proposal;
    if (proposal.state === 'closed') {
      const by = await this.#closedBy(pull.number);
      return { ...proposal, closed: by === undefined ? {} : { by } };
    }
    if (isDraft(pull)) return { ...proposal, mergeable: 'blocked', missing: 'it is a draft' };
    const conflict = this.#conflicts.of(pull, this.#now());
    if (conflict === 'unknown') return proposal;
    if (conflict) return { ...proposal, mergeable: conflict, missing: 'it conflicts with its base branch' };
    if (this.#behind.get(pull.number) === proposal.commit && pull.merge_base !== pull.base.sha) {
      return { ...proposal, mergeable: 'behind', missing: 'the branch must be up to date with its base' };
    }
    const missing = await missingOf(this.#api, this.#asking, this.#at, proposal);
    return { ...proposal, mergeable: missing === '' ? 'yes' : 'blocked', missing };
  }

  async #closedBy(number: number): Promise<string | undefined> {
    const { owner, repo } = this.#at;
    const events = await allPages(20, async (page) => {
      const items = await this.#asking.tryTo('read', [403, 404], timelineSchema, async () => {
        return (await this.#api.repos.issueGetCommentsAndTimeline(owner, repo, number, { page, limit: perPage })).data;
      });
      return { items: items instanceof Refusal ? [] : (items ?? []), isLast: false };
    });
    return events.findLast(({ type }) => type === 'close')?.user?.login;
  }
}

export const giteaPlaces: ForgePlaces = {
  name: 'Gitea',
  isAt: (host) => host === 'codeberg.org' || host === 'gitea.com',
  apiAt: (scheme, host) => `${scheme}://${host}/api/v1`,
  hasSubgroups: false,
};
