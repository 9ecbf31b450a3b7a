import type { Assessment } from '../core/assess.js';
import type { Surroundings } from '../core/dialect.js';
import type { Approval, Comment, Deployment, Project, Pull, Report } from '../core/model.js';

/** The JSON of GitHub, in the fields that somebody may read. */
export class Shapes {
  readonly #at: Surroundings;

  constructor(at: Surroundings) {
    this.#at = at;
  }

  user(login: string) {
    const type = login.endsWith('[bot]') ? 'Bot' : 'User';
    return { login, id: this.#at.userId(login), type, html_url: `${this.#at.url()}/${login}`, site_admin: false };
  }

  repository({ id, name, repository, rules }: Project) {
    const [owner = '', short = ''] = name.split('/');
    return {
      ...{ id, name: short, full_name: name, private: true, owner: this.user(owner) },
      ...{ html_url: `${this.#at.url()}/${name}`, url: `${this.#at.api()}/repos/${name}`, clone_url: repository.url },
      ...{ default_branch: repository.branch, delete_branch_on_merge: rules.deletesBranchAfterMerge },
      allow_merge_commit: rules.methods.includes('merge'),
      allow_squash_merge: rules.methods.includes('squash'),
      allow_rebase_merge: rules.methods.includes('rebase'),
      permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
    };
  }

  /** As lists have it: without what GitHub must find out first. */
  pull(project: Project, pull: Pull, base?: string) {
    const { number, head, commit, merged, closed } = pull;
    const [owner = ''] = project.name.split('/');
    const repo = this.repository(project);
    const end = (ref: string, sha: string | undefined) => ({
      ...{ label: `${owner}:${ref}`, ref, sha, user: this.user(owner), repo },
    });
    return {
      ...{ id: pull.id, node_id: `PR_${pull.id}`, number, title: pull.title, body: pull.body || null },
      ...{ url: `${repo.url}/pulls/${number}`, html_url: `${repo.html_url}/pull/${number}` },
      ...{ issue_url: `${repo.url}/issues/${number}`, locked: false, draft: pull.isDraft },
      state: pull.state === 'open' ? 'open' : 'closed',
      user: this.user(pull.author),
      ...{ head: end(head, commit), base: end(pull.base, base) },
      labels: pull.labels.map((name) => ({ name })),
      requested_reviewers: pull.reviewers.map((login) => this.user(login)),
      requested_teams: pull.teams.map((slug) => ({ slug, name: slug })),
      ...{ created_at: seconds(pull.createdAt), updated_at: seconds(pull.updatedAt) },
      closed_at: seconds(merged?.at ?? closed?.at),
      merged_at: seconds(merged?.at),
      merge_commit_sha: merged?.commit ?? null,
    };
  }

  /** As the pull request itself has it; `found` is undefined if GitHub is still finding out. */
  wholePull(project: Project, pull: Pull, base?: string, found?: Assessment, testMerge?: string) {
    const { merged } = pull;
    return {
      ...this.pull(project, pull, base),
      ...(testMerge && { merge_commit_sha: testMerge }),
      merged: merged !== undefined,
      merged_by: merged ? this.user(merged.by) : null,
      mergeable: pull.state !== 'open' || !found ? null : !found.isConflicting,
      rebaseable: pull.state !== 'open' || !found ? null : !found.isConflicting,
      mergeable_state: pull.state !== 'open' || !found ? 'unknown' : mergeableState(project, pull, found),
      ...{ comments: pull.comments.length, review_comments: 0, maintainer_can_modify: false },
    };
  }

  issue(project: Project, pull: Pull) {
    const { closed, merged } = pull;
    const by = merged?.by ?? closed?.by;
    const { id, number, title, body, state, user, labels, url, html_url } = this.pull(project, pull);
    return {
      ...{ id, number, title, body, state, user, labels, html_url, comments: pull.comments.length },
      closed_at: seconds(merged?.at ?? closed?.at),
      closed_by: by ? this.user(by) : null,
      pull_request: { url, html_url, merged_at: seconds(merged?.at) },
    };
  }

  comment({ id, by, body, at }: Comment) {
    return { id, body, user: this.user(by), created_at: seconds(at), updated_at: seconds(at) };
  }

  review({ id, by, commit, at }: Approval) {
    return { id, user: this.user(by), body: '', state: 'APPROVED', commit_id: commit, submitted_at: seconds(at) };
  }

  status({ id, name, description, url, state, by, at }: Report) {
    return {
      ...{ id, context: name, description: description || null, target_url: url || null },
      state: state === 'running' ? 'pending' : state,
      ...{ creator: this.user(by), created_at: seconds(at), updated_at: seconds(at) },
    };
  }

  checkRun({ id, name, state, commit, at }: Report) {
    const isDone = state === 'success' || state === 'failure';
    return {
      ...{ id, name, head_sha: commit, conclusion: isDone ? state : null },
      status: isDone ? 'completed' : state === 'running' ? 'in_progress' : 'queued',
      ...{ started_at: seconds(at), completed_at: isDone ? seconds(at) : null, pull_requests: [] },
      app: { id: 15_368, slug: 'github-actions', name: 'GitHub Actions' },
    };
  }

  deployment({ id, commit, environment, description, by, at }: Deployment) {
    return {
      ...{ id, sha: commit, ref: commit, task: 'deploy', environment, original_environment: environment },
      ...{ description: description || null, creator: this.user(by), created_at: seconds(at), payload: {} },
    };
  }
}

/** https://docs.github.com/en/graphql/reference/enums#mergestatestatus */
function mergeableState({ rules }: Project, pull: Pull, found: Assessment): string {
  if (found.isConflicting) return 'dirty';
  if (pull.isDraft) return 'draft';
  if (found.unmet.length > 0 || found.missingReviews > 0) return 'blocked';
  if (rules.mustBeUpToDate && found.isBehind) return 'behind';
  return found.isUnstable ? 'unstable' : 'clean';
}

/** GitHub shows times without milliseconds. */
function seconds(at: string | undefined): string | null {
  return at?.replace(/\.\d+Z$/, 'Z') ?? null;
}
