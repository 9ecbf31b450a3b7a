import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Proposal } from './forge.js';

const user = z.looseObject({ login: z.string().max(200) }).nullish();
const sha = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/);
const branch = z.looseObject({
  label: z.string().max(1_024),
  ref: z.string().max(1_024),
  sha: z.string().max(64),
  repo_id: z.int().nullish(),
});

/** https://docs.gitea.com/api/#tag/repository/operation/repoGetPullRequest, and the same of Forgejo. */
export const pullSchema = z.looseObject({
  number: z.int().min(1),
  html_url: z.string().max(2_048),
  title: z.string().max(10_000),
  state: z.enum(['open', 'closed']),
  draft: z.boolean().nullish(),
  merged: z.boolean().nullish(),
  mergeable: z.boolean().nullish(),
  merge_base: z.string().max(64).nullish(),
  merge_commit_sha: sha.nullish(),
  merged_by: user,
  head: branch,
  base: branch,
});
export type Pull = z.infer<typeof pullSchema>;

/** Once the branch is deleted, `ref` is `refs/pull/<number>/head`. */
export const headOf = ({ head }: Pull) => (head.ref.startsWith('refs/pull/') ? head.label : head.ref);

export const isDraft = ({ draft, title }: Pull) => draft ?? /^(?:WIP:|\[WIP\])/i.test(title);

/** The proposal without what must be asked for: the rules of the branch, and who closed it. */
export function proposalOf(pull: Pull): Proposal {
  return {
    ...{ number: pull.number, url: pull.html_url, state: pull.merged ? 'merged' : pull.state },
    ...{ head: headOf(pull), commit: pull.head.sha, base: pull.base.ref },
    isDraft: isDraft(pull),
    ...{ mergeable: 'unknown', missing: '' },
    ...(pull.merged && {
      merged: {
        ...(pull.merge_commit_sha && { commit: pull.merge_commit_sha }),
        ...(pull.merged_by && { by: pull.merged_by.login }),
      },
    }),
  };
}

/** So long may Gitea take to find out whether it can be merged. */
const checkingMs = 5_000;

/**
 * Gitea answers `mergeable: false` for a conflict, and as long as it has not checked. The two are told apart by how long it
 * has been so for the same commits: a needless replacement of our branch would dismiss its approvals.
 */
export class Conflicts {
  readonly #since = new LRUCache<number, { readonly key: string; readonly at: number }>({ max: 1_000 });

  /** Undefined if it can be merged, as far as Git is concerned. */
  of(pull: Pull, now: number): 'conflict' | 'unknown' | undefined {
    const { number, head, base } = pull;
    if (pull.mergeable !== false) {
      this.#since.delete(number);
      return undefined;
    }
    // A head that contains its base does not conflict with it.
    if (pull.merge_base === base.sha) return 'unknown';
    const key = `${head.sha} ${base.sha}`;
    const known = this.#since.get(number);
    if (known?.key === key) return now - known.at >= checkingMs ? 'conflict' : 'unknown';
    this.#since.set(number, { key, at: now });
    return 'unknown';
  }
}
