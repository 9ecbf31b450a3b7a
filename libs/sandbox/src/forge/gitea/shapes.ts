import type { Surroundings } from '../core/dialect.js';
import type { Approval, Comment, Project, Pull, Report } from '../core/model.js';

/** What is known besides the pull request itself. */
export interface Seen {
  readonly base: string | undefined;
  readonly mergeBase: string;
  readonly hasBranch: boolean;
  /** False too while Gitea is still finding out. Rules of the branch do not matter. */
  readonly isMergeable: boolean;
}

/** The JSON of Gitea, in the fields that somebody may read. */
export class Shapes {
  readonly #at: Surroundings;

  constructor(at: Surroundings) {
    this.#at = at;
  }

  user(login: string) {
    const html_url = `${this.#at.url()}/${login}`;
    return { id: this.#at.userId(login), login, login_name: '', username: login, full_name: '', html_url };
  }

  repository({ id, name, repository, rules }: Project) {
    const [owner = '', short = ''] = name.split('/');
    return {
      ...{ id, name: short, full_name: name, private: true, owner: this.user(owner), clone_url: repository.url },
      ...{ html_url: `${this.#at.url()}/${name}`, url: `${this.#at.api()}/repos/${name}` },
      ...{ default_branch: repository.branch, has_pull_requests: true, archived: false },
      allow_merge_commits: rules.methods.includes('merge'),
      allow_squash_merge: rules.methods.includes('squash'),
      allow_rebase: rules.methods.includes('rebase'),
      default_delete_branch_after_merge: rules.deletesBranchAfterMerge,
      permissions: { admin: false, push: true, pull: true },
    };
  }

  pull(project: Project, pull: Pull, { base, mergeBase, hasBranch, isMergeable }: Seen) {
    const { number, merged, closed } = pull;
    const repo = this.repository(project);
    const page = `${repo.html_url}/pulls/${number}`;
    const end = { repo_id: project.id, repo };
    return {
      ...{ id: pull.id, url: page, html_url: page, number, title: pull.title, body: pull.body },
      ...{ user: this.user(pull.author), is_locked: false, draft: pull.isDraft, comments: pull.comments.length },
      labels: project.labels.filter(({ name }) => pull.labels.includes(name)),
      state: pull.state === 'open' ? 'open' : 'closed',
      requested_reviewers: pull.reviewers.map((login) => this.user(login)),
      requested_reviewers_teams: [],
      mergeable: pull.state === 'open' && isMergeable,
      merge_base: mergeBase,
      ...{ merged: merged !== undefined, merged_at: merged?.at ?? null, merge_commit_sha: merged?.commit ?? null },
      merged_by: merged ? this.user(merged.by) : null,
      base: { ...end, label: pull.base, ref: pull.base, sha: base ?? '' },
      // Without its branch, the head is the ref that Gitea keeps; only the label still has the name.
      head: { ...end, label: pull.head, ref: hasBranch ? pull.head : `refs/pull/${number}/head`, sha: pull.commit },
      ...{ created_at: pull.createdAt, updated_at: pull.updatedAt, closed_at: merged?.at ?? closed?.at ?? null },
    };
  }

  comment({ id, by, body, at }: Comment) {
    return { id, body, user: this.user(by), created_at: at, updated_at: at };
  }

  review({ id, by, commit, at }: Approval) {
    const counts = { official: true, stale: false, dismissed: false };
    return { id, user: this.user(by), state: 'APPROVED', commit_id: commit, ...counts, submitted_at: at };
  }

  status({ id, name, state, description, url, by, at }: Report) {
    return {
      ...{ id, status: state === 'running' ? 'pending' : state, context: name, description, target_url: url },
      ...{ creator: this.user(by), created_at: at, updated_at: at },
    };
  }
}
