import { type Assessment, latestReports } from '../core/assess.js';
import type { Surroundings } from '../core/dialect.js';
import type { Comment, Project, Pull, Report } from '../core/model.js';

/** The JSON of GitLab, in the fields that somebody may read. */
export class Shapes {
  readonly #at: Surroundings;

  constructor(at: Surroundings) {
    this.#at = at;
  }

  user(username: string) {
    const web_url = `${this.#at.url()}/${username}`;
    return { id: this.#at.userId(username), username, name: username, state: 'active', web_url };
  }

  project({ id, name, repository, rules }: Project) {
    return {
      ...{ id, path_with_namespace: name, path: name.split('/').at(-1), web_url: `${this.#at.url()}/${name}` },
      ...{ default_branch: repository.branch, http_url_to_repo: repository.url, visibility: 'private' },
      merge_method: mergeMethod(rules),
      squash_option: squashOption(rules),
      only_allow_merge_if_pipeline_succeeds: rules.requiredChecks.length > 0,
      remove_source_branch_after_merge: rules.deletesBranchAfterMerge,
      permissions: { project_access: { access_level: 40, notification_level: 3 }, group_access: null },
    };
  }

  /** `found` is undefined if GitLab is still finding out. */
  mergeRequest(project: Project, pull: Pull, found: Assessment | undefined) {
    const { merged, closed } = pull;
    const status = mergeStatus(project, pull, found);
    return {
      ...{ id: pull.id, iid: pull.number, project_id: project.id, title: pull.title, description: pull.body },
      state: pull.state === 'open' ? 'opened' : pull.state,
      ...{ created_at: pull.createdAt, updated_at: pull.updatedAt, author: this.user(pull.author) },
      ...{ source_branch: pull.head, target_branch: pull.base, sha: pull.commit },
      ...{ source_project_id: project.id, target_project_id: project.id, labels: pull.labels },
      reviewers: pull.reviewers.map((name) => this.user(name)),
      ...{ draft: pull.isDraft, work_in_progress: pull.isDraft, squash: false, user_notes_count: pull.comments.length },
      merge_status: status === 'checking' ? 'checking' : found?.isConflicting ? 'cannot_be_merged' : 'can_be_merged',
      detailed_merge_status: status,
      has_conflicts: found?.isConflicting ?? false,
      merge_commit_sha: merged?.merge ?? null,
      squash_commit_sha: merged?.squash ?? null,
      merge_user: merged ? this.user(merged.by) : null,
      merged_by: merged ? this.user(merged.by) : null,
      merged_at: merged?.at ?? null,
      closed_by: closed ? this.user(closed.by) : null,
      closed_at: closed?.at ?? null,
      head_pipeline: this.pipeline(project, pull.commit, pull.head),
      web_url: `${this.#at.url()}/${project.name}/-/merge_requests/${pull.number}`,
      references: { short: `!${pull.number}`, full: `${project.name}!${pull.number}` },
    };
  }

  note({ id, by, body, at }: Comment) {
    return { id, body, author: this.user(by), created_at: at, updated_at: at, system: false };
  }

  status(project: Project, { id, commit, name, state, description, url, by, at }: Report) {
    return {
      ...{ id, sha: commit, name, status: state === 'failure' ? 'failed' : state, allow_failure: false },
      ref: project.pulls.find((pull) => pull.commit === commit)?.head ?? project.repository.branch,
      ...{ description: description || null, target_url: url || null, author: this.user(by), created_at: at },
      pipeline_id: pipelineId(project, commit),
    };
  }

  /** Statuses from outside make a pipeline of their own. */
  pipeline(project: Project, sha: string, ref: string) {
    const reports = latestReports(project.reports, sha);
    if (reports.length === 0) return null;
    const id = pipelineId(project, sha);
    const web_url = `${this.#at.url()}/${project.name}/-/pipelines/${id}`;
    return { id, project_id: project.id, sha, ref, source: 'external', status: pipelineStatus(reports), web_url };
  }
}

function pipelineId({ reports }: Project, sha: string): number | undefined {
  return reports.find(({ commit }) => commit === sha)?.id;
}

function pipelineStatus(reports: readonly Report[]): string {
  const is = (state: Report['state']) => reports.some((report) => report.state === state);
  if (is('running') || (is('pending') && is('success'))) return 'running';
  if (is('pending')) return 'pending';
  return is('failure') ? 'failed' : 'success';
}

type Rules = Project['rules'];

/** A project of GitLab has one way to merge: with a merge commit, with one after a rebase, or by fast-forward. */
export function mergeMethod({ methods, mustBeUpToDate }: Rules): 'merge' | 'rebase_merge' | 'ff' {
  if (!methods.includes('merge')) return 'ff';
  return mustBeUpToDate ? 'rebase_merge' : 'merge';
}

export function squashOption({ methods }: Rules): 'always' | 'never' | 'default_off' {
  if (!methods.includes('squash')) return 'never';
  return methods.length === 1 ? 'always' : 'default_off';
}

/** https://docs.gitlab.com/api/merge_requests/#merge-status */
export function mergeStatus({ rules }: Project, pull: Pull, found: Assessment | undefined): string {
  if (pull.state !== 'open') return 'not_open';
  if (!found) return 'checking';
  if (pull.isDraft) return 'draft_status';
  if (found.isConflicting) return 'conflict';
  if (mergeMethod(rules) !== 'merge' && found.isBehind) return 'need_rebase';
  if (found.missingReviews > 0) return 'not_approved';
  if (found.unmet.length === 0) return 'mergeable';
  return found.unmet.every(({ is }) => is === 'pending') ? 'ci_still_running' : 'ci_must_pass';
}
