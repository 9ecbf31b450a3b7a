import { z } from 'zod';
import type { Proposal } from './forge.js';

const user = z.looseObject({ username: z.string().max(200) }).nullish();
const sha = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/);

/** https://docs.gitlab.com/api/merge_requests/#get-single-mr */
export const mergeRequestSchema = z.looseObject({
  iid: z.int().min(1),
  web_url: z.string().max(2_048),
  state: z.enum(['opened', 'closed', 'locked', 'merged']),
  source_branch: z.string().max(1_024),
  target_branch: z.string().max(1_024),
  source_project_id: z.int().nullish(),
  target_project_id: z.int().nullish(),
  sha: sha.nullish(),
  draft: z.boolean().nullish(),
  detailed_merge_status: z.string().max(100).nullish(),
  merge_status: z.string().max(100).nullish(),
  has_conflicts: z.boolean().nullish(),
  merge_commit_sha: sha.nullish(),
  squash_commit_sha: sha.nullish(),
  merge_user: user,
  merged_by: user,
  closed_by: user,
  reviewers: z
    .array(z.looseObject({ username: z.string().max(200) }))
    .max(200)
    .nullish(),
});
export type MergeRequest = z.infer<typeof mergeRequestSchema>;

export function proposalOf(request: MergeRequest): Proposal {
  const by = (request.merge_user ?? request.merged_by)?.username;
  const closer = request.closed_by?.username;
  // `locked` is a merge that is under way.
  const state = request.state === 'opened' || request.state === 'locked' ? 'open' : request.state;
  // A fast-forward without a squash makes no commit: the head itself is on the branch.
  const commit = request.merge_commit_sha ?? request.squash_commit_sha ?? request.sha;
  return {
    ...{ number: request.iid, url: request.web_url, state },
    ...{ head: request.source_branch, commit: request.sha ?? '', base: request.target_branch },
    isDraft: request.draft ?? false,
    ...mergeabilityOf(request),
    ...(state === 'merged' && { merged: { ...(commit && { commit }), ...(by !== undefined && { by }) } }),
    ...(state === 'closed' && { closed: closer === undefined ? {} : { by: closer } }),
  };
}

type Mergeability = Pick<Proposal, 'mergeable' | 'missing'>;

const unknown: Mergeability = { mergeable: 'unknown', missing: '' };
const conflict: Mergeability = { mergeable: 'conflict', missing: 'it conflicts with its target branch' };
const blocked = (missing: string): Mergeability => ({ mergeable: 'blocked', missing });

/** https://docs.gitlab.com/api/merge_requests/#merge-status */
const statuses: Readonly<Record<string, Mergeability>> = {
  mergeable: { mergeable: 'yes', missing: '' },
  ...{ unchecked: unknown, checking: unknown, preparing: unknown, approvals_syncing: unknown },
  ...{ conflict, broken_status: conflict },
  need_rebase: { mergeable: 'behind', missing: 'the source branch must be up to date with its target' },
  ci_must_pass: blocked('a pipeline must succeed first'),
  ci_still_running: blocked('a pipeline is still running'),
  not_approved: blocked('an approval is missing'),
  requested_changes: blocked('a reviewer requests changes'),
  discussions_not_resolved: blocked('a thread is not resolved'),
  draft_status: blocked('it is a draft'),
  external_status_checks: blocked('an external status check has not passed'),
  status_checks_must_pass: blocked('an external status check has not passed'),
  merge_request_blocked: blocked('another merge request blocks it'),
  blocked_status: blocked('another merge request blocks it'),
  merge_time: blocked('it may be merged only after a set time'),
  commits_status: blocked('the source branch has no commits, or is gone'),
  jira_association_missing: blocked('the title or description must name a Jira issue'),
  title_regex: blocked('the title does not match the rule of the project'),
  locked_paths: blocked('a path is locked by another user'),
  locked_lfs_files: blocked('an LFS file is locked by another user'),
  security_policy_violations: blocked('a security policy is violated'),
  security_policy_pipeline_check: blocked('a pipeline of a security policy must succeed first'),
  policies_denied: blocked('a security policy denies it'),
  not_open: unknown,
};

function mergeabilityOf(request: MergeRequest): Mergeability {
  if (request.state !== 'opened') return unknown;
  const status = request.detailed_merge_status ?? undefined;
  if (status !== undefined) return statuses[status] ?? blocked(`GitLab says ${status}`);
  // GitLab before 15.6.
  if (request.has_conflicts) return conflict;
  if (request.draft) return blocked('it is a draft');
  return request.merge_status === 'can_be_merged' ? { mergeable: 'yes', missing: '' } : unknown;
}
