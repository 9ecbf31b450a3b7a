import { Commits, MergeRequestNotes, MergeRequests, Projects, Users } from '@gitbeaker/rest';
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
import { stateOfStatus, statusesSchema } from './gitlab-checks.js';
import { mergeRequestSchema, proposalOf } from './gitlab-proposal.js';
import { requesterBy } from './gitlab-requester.js';
import type { ForgeHttp } from './http.js';
import type { ForgePlaces } from './location.js';
import { Refusal } from './refusal.js';

const anything = z.unknown();
const usersSchema = z.array(z.looseObject({ id: z.int(), username: z.string().max(200) })).max(100);
const projectSchema = z.looseObject({ merge_method: z.string().max(100).nullish() });

const role = 'the scope `api` with the role Developer';
const scopes = {
  ...{ read: role, propose: role, checks: role, statuses: role, deployments: role },
  merge:
    'the scope `api` with a role that may merge into the protected branch (Maintainer, unless the branch permits Developers)',
};

/** https://docs.gitlab.com/api/merge_requests/ */
export class GitLab implements Forge {
  readonly provider = 'gitlab';
  readonly #project: string;
  readonly #asking: Asking;
  readonly #closing = new Closing();
  readonly #requests: MergeRequests;
  readonly #notes: MergeRequestNotes;
  readonly #commits: Commits;
  readonly #users: Users;
  readonly #projects: Projects;

  constructor(http: ForgeHttp, path: string) {
    this.#project = path;
    this.#asking = new Asking({ name: http.name, repository: path, scopes });
    const options = { requesterFn: requesterBy(http), queryTimeout: null };
    this.#requests = new MergeRequests(options);
    this.#notes = new MergeRequestNotes(options);
    this.#commits = new Commits(options);
    this.#users = new Users(options);
    this.#projects = new Projects(options);
  }

  async find(head: string, base: string): Promise<Proposal | undefined> {
    const filter = { sourceBranch: head, targetBranch: base, orderBy: 'created_at', sort: 'desc' } as const;
    for (const state of ['opened', 'all'] as const) {
      const listed = await this.#asking.ask('read', z.array(mergeRequestSchema).max(20), () =>
        // `state=all` is not in the types: it is what no state means.
        this.#requests.all({
          ...{ projectId: this.#project, ...filter, perPage: 20, page: 1 },
          ...(state === 'opened' && { state }),
        }),
      );
      const found = listed.find(
        (each) =>
          each.source_branch === head &&
          each.target_branch === base &&
          // Not from a fork.
          each.source_project_id === each.target_project_id,
      );
      // Only the answer about one merge request makes GitLab check again whether it can be merged.
      if (found) return this.get(found.iid);
    }
    return undefined;
  }

  async get(number: number): Promise<Proposal | undefined> {
    const request = await this.#asking.askIfThere(
      mergeRequestSchema,
      () => this.#requests.show(this.#project, number),
      () => this.#projects.show(this.#project),
    );
    return request && proposalOf(request);
  }

  async open(wish: NewProposal): Promise<{ readonly proposal: Proposal; readonly notes: readonly string[] }> {
    const { head, base, title, body, labels, isDraft } = wish;
    const { ids, notes } = await this.#reviewers(wish.reviewers);
    const created = await this.#asking.tryTo('propose', [400, 409, 422], mergeRequestSchema, () =>
      this.#requests.create(this.#project, head, base, cutTitle(isDraft ? `Draft: ${title}` : title), {
        description: cutBody(body),
        ...(labels.length > 0 && { labels: labels.join(',') }),
        ...(ids.length > 0 && { reviewerIds: ids }),
      }),
    );
    if (created instanceof Refusal) {
      const found = await this.find(head, base);
      if (found?.state === 'open') return { proposal: found, notes };
      throw new ForgeFault(`GitLab does not open a merge request from ${head} into ${base}: ${created.said}`);
    }
    const taken = created.reviewers?.length ?? ids.length;
    // GitLab's free edition takes one reviewer, and drops the others without a word.
    if (taken < ids.length) notes.push(`GitLab took ${taken} of ${ids.length} reviewers`);
    return { proposal: proposalOf(created), notes };
  }

  async merge(merge: Merge): Promise<Merged> {
    const { number, commit, method, title, message } = merge;
    if (method === 'rebase') {
      const project = await this.#asking.ask('read', projectSchema, () => this.#projects.show(this.#project));
      if (project.merge_method !== 'ff') {
        const why =
          'the merge method of the GitLab project makes merge commits: set it to "Fast-forward merge", or `method` to merge or squash';
        return { is: 'refused', why };
      }
    }
    const whole = `${title}\n\n${message}`;
    const merged = await this.#asking.tryTo('merge', [405, 406, 409, 422], mergeRequestSchema, () =>
      this.#requests.merge(this.#project, number, {
        sha: commit,
        squash: method === 'squash',
        mergeCommitMessage: whole,
        ...(method === 'squash' && { squashCommitMessage: whole }),
      }),
    );
    if (merged instanceof Refusal) return afterRefusal(this, number, merged.said || 'GitLab says no reason');
    if (merged.state === 'merged' || merged.state === 'locked') return { is: 'merged' };
    return { is: 'refused', why: `GitLab did not merge it; its state is ${merged.state}` };
  }

  close(number: number, comment: string): Promise<void> {
    return this.#closing.close(this, number, comment, () =>
      this.#asking.ask('propose', anything, () => this.#requests.edit(this.#project, number, { stateEvent: 'close' })),
    );
  }

  async comment(number: number, text: string): Promise<void> {
    await this.#asking.ask('propose', anything, () => this.#notes.create(this.#project, number, cutBody(text)));
  }

  async checksOf(commit: string): Promise<ChecksOf> {
    // A pipeline's jobs are statuses of its commit, too.
    const statuses = await this.#asking.ask('checks', statusesSchema, () =>
      this.#commits.allStatuses(this.#project, commit, { perPage: 100, maxPages: 10 } as object),
    );
    return checksOf(statuses.flatMap((each) => stateOfStatus(each) ?? []));
  }

  async setStatus({ commit, state, context, description, url }: CommitStatus): Promise<void> {
    const done = await this.#asking.tryTo('statuses', [400], anything, () =>
      this.#commits.editStatus(this.#project, commit, state === 'failure' ? 'failed' : state, {
        name: context,
        description: cutDescription(description),
        ...(url && { targetUrl: url }),
      }),
    );
    // GitLab refuses the state that the status has already.
    if (done instanceof Refusal && !/cannot transition status/i.test(done.said)) {
      throw this.#asking.fault(done, 'statuses');
    }
  }

  /** GitLab knows reviewers by their ids. */
  async #reviewers(names: readonly string[]): Promise<{ readonly ids: number[]; readonly notes: string[] }> {
    const [ids, notes]: [number[], string[]] = [[], []];
    for (const name of names) {
      const found = await this.#asking.tryTo('propose', [400, 403, 404], usersSchema, () =>
        this.#users.all({ username: name, perPage: 1, page: 1 }),
      );
      const user = found instanceof Refusal ? undefined : found[0];
      if (user) ids.push(user.id);
      else notes.push(`GitLab has no user ${name} whom the token may see`);
    }
    return { ids, notes };
  }
}

export const gitLabPlaces: ForgePlaces = {
  name: 'GitLab',
  isAt: (host) => host === 'gitlab.com',
  apiAt: (scheme, host) => `${scheme}://${host}/api/v4`,
  hasSubgroups: true,
};
