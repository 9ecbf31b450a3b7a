import { sanitizeLine } from '@k8sta/text';
import { z } from 'zod';
import type { Proposal } from './forge.js';

const login = z.string().max(200);
const user = z.looseObject({ login }).nullish();
const sha = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/);
const branch = z.looseObject({ ref: z.string().max(1_024), sha });

/** https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request */
export const pullSchema = z.looseObject({
  number: z.int().min(1),
  html_url: z.string().max(2_048),
  state: z.enum(['open', 'closed']),
  draft: z.boolean().nullish(),
  merged: z.boolean(),
  mergeable: z.boolean().nullish(),
  mergeable_state: z.string().max(100).nullish(),
  merge_commit_sha: sha.nullish(),
  merged_by: user,
  head: branch,
  base: branch,
  requested_reviewers: z.array(z.looseObject({ login })).max(200).nullish(),
  requested_teams: z
    .array(z.looseObject({ slug: login }))
    .max(200)
    .nullish(),
});
export type Pull = z.infer<typeof pullSchema>;

/** What is read of each in a list. */
const listedBranch = branch.pick({ ref: true });
export const listedPullSchema = pullSchema.pick({ number: true }).extend({ head: listedBranch, base: listedBranch });

export function proposalOf(pull: Pull): Proposal {
  const { mergeable, missing } = mergeabilityOf(pull);
  return {
    number: pull.number,
    url: pull.html_url,
    state: pull.merged ? 'merged' : pull.state,
    ...{ head: pull.head.ref, commit: pull.head.sha, base: pull.base.ref },
    isDraft: pull.draft ?? false,
    ...{ mergeable, missing },
    ...(pull.merged && {
      merged: {
        // Before the merge it is the commit of a trial merge, which no branch has.
        ...(pull.merge_commit_sha && { commit: pull.merge_commit_sha }),
        ...(pull.merged_by && { by: pull.merged_by.login }),
      },
    }),
  };
}

type Mergeability = Pick<Proposal, 'mergeable' | 'missing'>;

/**
 * GitHub computes `mergeable` in the background: it is null until then. The states of `mergeable_state` are those of
 * https://docs.github.com/en/graphql/reference/enums#mergestatestatus in lower case.
 */
function mergeabilityOf(pull: Pull): Mergeability {
  if (pull.state === 'closed') return { mergeable: 'unknown', missing: '' };
  if (pull.draft) return { mergeable: 'blocked', missing: 'it is a draft' };
  if (pull.mergeable === false || pull.mergeable_state === 'dirty') {
    return { mergeable: 'conflict', missing: 'it conflicts with its base branch' };
  }
  if (typeof pull.mergeable !== 'boolean') return { mergeable: 'unknown', missing: '' };
  switch (pull.mergeable_state) {
    case 'behind':
      return { mergeable: 'behind', missing: 'the branch must be up to date with its base' };
    case 'blocked':
      return { mergeable: 'blocked', missing: blockedBy(pull) };
    case 'draft':
      return { mergeable: 'blocked', missing: 'it is a draft' };
    // The rules of the branch are met. `unstable`: a check that is not required has not passed.
    case 'clean':
    case 'unstable':
    case 'has_hooks':
      return { mergeable: 'yes', missing: '' };
    default:
      return { mergeable: 'unknown', missing: '' };
  }
}

function blockedBy({ requested_reviewers: users, requested_teams: teams }: Pull): string {
  const asked = [...(users ?? []).map((each) => each.login), ...(teams ?? []).map(({ slug }) => slug)];
  const rules = 'a rule of the branch is not met, such as a required review or a required check';
  return asked.length === 0 ? rules : sanitizeLine(`${rules}; a review is requested from ${asked.join(', ')}`, 300);
}
