import { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { Asking } from './asking.js';
import { checksOf } from './checks.js';
import { afterRefusal, Closing } from './closing.js';
import { cutBody, cutDescription, cutTitle } from './cut.js';
import {
  type ChecksOf,
  type CommitStatus,
  type Deployment,
  type Forge,
  ForgeFault,
  type Merge,
  type Merged,
  type NewProposal,
  type Proposal,
} from './forge.js';
import { readChecks } from './github-checks.js';
import { listedPullSchema, proposalOf, pullSchema } from './github-proposal.js';
import type { ForgeHttp } from './http.js';
import type { ForgePlaces } from './location.js';
import { Refusal } from './refusal.js';

const anything = z.unknown();
const idSchema = z.looseObject({ id: z.int().min(1) });
const issueSchema = z.looseObject({ closed_by: z.looseObject({ login: z.string().max(200) }).nullish() });

const scopes = {
  read: '"Pull requests: read"',
  propose: '"Pull requests: write"',
  merge: '"Contents: write" and "Pull requests: write"',
  checks:
    '"Checks: read" and "Commit statuses: read" (a fine-grained personal access token cannot have the first: use a GitHub App or a classic token)',
  statuses: '"Commit statuses: write"',
  deployments: '"Deployments: write"',
};

/** https://docs.github.com/en/rest, for github.com, ghe.com and GitHub Enterprise Server. */
export class GitHub implements Forge {
  readonly provider = 'github';
  readonly #octokit: Octokit;
  readonly #repository: { readonly owner: string; readonly repo: string };
  readonly #asking: Asking;
  readonly #closing = new Closing();

  constructor(http: ForgeHttp, path: string) {
    const [owner = '', repo = ''] = path.split('/');
    this.#repository = { owner, repo };
    this.#asking = new Asking({ name: http.name, repository: path, scopes });
    this.#octokit = octokitBy(http);
  }

  async find(head: string, base: string): Promise<Proposal | undefined> {
    const { owner } = this.#repository;
    // GitHub ignores a `head` without an owner, and answers all pull requests then.
    const filter = { head: `${owner}:${head}`, base, sort: 'created', direction: 'desc', per_page: 20 } as const;
    for (const state of ['open', 'all'] as const) {
      const listed = await this.#asking.ask('read', z.array(listedPullSchema).max(20), async () => {
        return (await this.#octokit.pulls.list({ ...this.#repository, ...filter, state })).data;
      });
      const found = listed.find((each) => each.head.ref === head && each.base.ref === base);
      if (found) return this.get(found.number);
    }
    return undefined;
  }

  async get(number: number): Promise<Proposal | undefined> {
    const pull = await this.#asking.askIfThere(
      pullSchema,
      async () => (await this.#octokit.pulls.get({ ...this.#repository, pull_number: number })).data,
      () => this.#octokit.repos.get(this.#repository),
    );
    if (!pull) return undefined;
    const proposal = proposalOf(pull);
    if (proposal.state !== 'closed') return proposal;
    const by = await this.#closedBy(number);
    return { ...proposal, closed: by === undefined ? {} : { by } };
  }

  async open(wish: NewProposal): Promise<{ readonly proposal: Proposal; readonly notes: readonly string[] }> {
    const notes: string[] = [];
    let created = await this.#create(wish);
    if (created instanceof Refusal && wish.isDraft && /draft/i.test(created.said)) {
      notes.push(`GitHub refused a draft: ${created.said}`);
      created = await this.#create({ ...wish, isDraft: false });
    }
    const proposal = created instanceof Refusal ? await this.#existing(wish, created) : proposalOf(created);
    await this.#label(proposal.number, wish.labels, notes);
    await this.#requestReviews(proposal.number, wish.reviewers, notes);
    return { proposal, notes };
  }

  async merge({ number, commit, method, title, message }: Merge): Promise<Merged> {
    // The commits of a rebase keep their own messages.
    const texts = method === 'rebase' ? {} : { commit_title: title, commit_message: message };
    const merged = await this.#asking.tryTo(
      'merge',
      [405, 409, 422],
      z.looseObject({ merged: z.boolean() }),
      async () => {
        const wish = { ...this.#repository, pull_number: number, sha: commit, merge_method: method, ...texts };
        return (await this.#octokit.pulls.merge(wish)).data;
      },
    );
    if (merged instanceof Refusal) return afterRefusal(this, number, merged.said);
    return merged.merged ? { is: 'merged' } : { is: 'refused', why: 'GitHub did not merge it and says no reason' };
  }

  close(number: number, comment: string): Promise<void> {
    return this.#closing.close(this, number, comment, () =>
      this.#asking.ask('propose', anything, () =>
        this.#octokit.pulls.update({ ...this.#repository, pull_number: number, state: 'closed' }),
      ),
    );
  }

  async comment(number: number, text: string): Promise<void> {
    const body = cutBody(text);
    await this.#asking.ask('propose', anything, () =>
      this.#octokit.issues.createComment({ ...this.#repository, issue_number: number, body }),
    );
  }

  async checksOf(commit: string): Promise<ChecksOf> {
    return checksOf(await readChecks(this.#octokit, this.#asking, { ...this.#repository, ref: commit }));
  }

  async setStatus({ commit, state, context, description, url }: CommitStatus): Promise<void> {
    const status = { state, context, description: cutDescription(description), ...(url && { target_url: url }) };
    await this.#asking.ask('statuses', anything, () =>
      this.#octokit.repos.createCommitStatus({ ...this.#repository, sha: commit, ...status }),
    );
  }

  async deploy({ commit, environment, state, description, url }: Deployment): Promise<void> {
    const id = (await this.#deployment(commit, environment)) ?? (await this.#createDeployment(commit, environment));
    const status = { state, description: cutDescription(description), ...(url && { log_url: url }) };
    await this.#asking.ask('deployments', anything, () =>
      this.#octokit.repos.createDeploymentStatus({ ...this.#repository, deployment_id: id, ...status }),
    );
  }

  async #deployment(sha: string, environment: string): Promise<number | undefined> {
    const found = await this.#asking.ask('deployments', z.array(idSchema).max(1), async () => {
      const filter = { sha, environment, per_page: 1 };
      return (await this.#octokit.repos.listDeployments({ ...this.#repository, ...filter })).data;
    });
    return found[0]?.id;
  }

  async #createDeployment(ref: string, environment: string): Promise<number> {
    // Without these two, GitHub merges the default branch into the ref, and waits for its checks.
    const wish = { ref, environment, auto_merge: false, required_contexts: [], description: 'K8sTA' };
    const created = await this.#asking.ask('deployments', idSchema, async () => {
      return (await this.#octokit.repos.createDeployment({ ...this.#repository, ...wish })).data;
    });
    return created.id;
  }

  #create({ head, base, title, body, isDraft }: NewProposal) {
    return this.#asking.tryTo('propose', [422], pullSchema, async () => {
      const wish = { head, base, title: cutTitle(title), body: cutBody(body), draft: isDraft };
      return (await this.#octokit.pulls.create({ ...this.#repository, ...wish })).data;
    });
  }

  async #existing({ head, base }: NewProposal, refusal: Refusal): Promise<Proposal> {
    const found = await this.find(head, base);
    if (found?.state === 'open') return found;
    throw new ForgeFault(`GitHub does not open a pull request from ${head} into ${base}: ${refusal.said}`);
  }

  async #closedBy(number: number): Promise<string | undefined> {
    const issue = await this.#asking.tryTo('read', [403, 404, 410], issueSchema, async () => {
      return (await this.#octokit.issues.get({ ...this.#repository, issue_number: number })).data;
    });
    return issue instanceof Refusal ? undefined : issue.closed_by?.login;
  }

  async #label(number: number, labels: readonly string[], notes: string[]): Promise<void> {
    if (labels.length === 0) return;
    const done = await this.#asking.tryTo('propose', [403, 404, 410, 422], anything, () =>
      this.#octokit.issues.addLabels({ ...this.#repository, issue_number: number, labels: [...labels] }),
    );
    if (done instanceof Refusal) notes.push(`GitHub refused the labels ${labels.join(', ')}: ${done.said}`);
  }

  /** One request for each, because GitHub refuses all if it refuses one: a user who is no collaborator, or the author. */
  async #requestReviews(number: number, reviewers: readonly string[], notes: string[]): Promise<void> {
    for (const reviewer of reviewers) {
      const team = reviewer.split('/')[1];
      const asked = team === undefined ? { reviewers: [reviewer] } : { team_reviewers: [team] };
      const done = await this.#asking.tryTo('propose', [403, 404, 422], anything, () =>
        this.#octokit.pulls.requestReviewers({ ...this.#repository, pull_number: number, ...asked }),
      );
      if (done instanceof Refusal) notes.push(`GitHub refused the reviewer ${reviewer}: ${done.said}`);
    }
  }
}

/** Octokit with our requests. It must neither log nor hide what the request threw. */
function octokitBy(http: ForgeHttp): Octokit {
  const silent = () => {};
  const octokit = new Octokit({
    baseUrl: http.api,
    request: { fetch: http.fetch },
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  octokit.hook.before('request', (options) => {
    options.headers['x-github-api-version'] = '2022-11-28';
  });
  octokit.hook.error('request', (error) => {
    throw error.cause instanceof Refusal || error.cause instanceof ForgeFault ? error.cause : error;
  });
  return octokit;
}

export const gitHubPlaces: ForgePlaces = {
  name: 'GitHub',
  isAt: (host) => host === 'github.com' || host.endsWith('.ghe.com'),
  apiAt: (scheme, host) => {
    if (host === 'github.com') return 'https://api.github.com';
    return host.endsWith('.ghe.com') ? `https://api.${host}` : `${scheme}://${host}/api/v3`;
  },
  hasSubgroups: false,
};
