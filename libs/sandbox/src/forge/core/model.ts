import type { Repository } from '../../git/repository.js';

export type ForgeProvider = 'github' | 'gitlab' | 'gitea';
export type MergeMethod = 'merge' | 'squash' | 'rebase';

/** What the owner of a repository has set. */
export interface Rules {
  /** Names of checks or statuses that must have passed on the head. */
  requiredChecks: readonly string[];
  /** How many people must have approved. */
  requiredReviews: number;
  /** The head must contain the tip of its base. */
  mustBeUpToDate: boolean;
  methods: readonly MergeMethod[];
  /** Branches that take commits by merged pull requests only. */
  protectedBranches: readonly string[];
  deletesBranchAfterMerge: boolean;
}

export const noRules: Rules = {
  requiredChecks: [],
  requiredReviews: 0,
  mustBeUpToDate: false,
  methods: ['merge', 'squash', 'rebase'],
  protectedBranches: [],
  deletesBranchAfterMerge: false,
};

export interface Comment {
  readonly id: number;
  readonly by: string;
  readonly body: string;
  readonly at: string;
}

export interface Approval {
  readonly id: number;
  readonly by: string;
  readonly commit: string;
  readonly at: string;
}

/** A pull request, or a merge request of GitLab. */
export interface Pull {
  readonly id: number;
  readonly number: number;
  /** Short names of branches. */
  readonly head: string;
  readonly base: string;
  readonly author: string;
  readonly title: string;
  readonly body: string;
  readonly isDraft: boolean;
  labels: string[];
  reviewers: string[];
  teams: string[];
  state: 'open' | 'merged' | 'closed';
  /** The head, as it was when the pull request was open for the last time. */
  commit: string;
  readonly createdAt: string;
  updatedAt: string;
  /** `commit` is the new tip of the base; `merge` and `squash` are the commits of that kind, where one was made. */
  merged?: { readonly commit: string; readonly merge?: string; readonly squash?: string; by: string; at: string };
  closed?: { readonly by: string; readonly at: string };
  readonly approvals: Approval[];
  readonly comments: Comment[];
}

/** What a check, a status or a pipeline said. The last one of a name counts. */
export interface Report {
  readonly id: number;
  readonly kind: 'check' | 'status';
  readonly commit: string;
  readonly name: string;
  state: 'pending' | 'running' | 'success' | 'failure';
  description: string;
  url: string;
  readonly by: string;
  readonly at: string;
}

export interface Deployment {
  readonly id: number;
  readonly commit: string;
  readonly environment: string;
  readonly description: string;
  readonly by: string;
  readonly at: string;
  readonly statuses: { id: number; state: string; description: string; url: string; at: string }[];
}

/** A repository on the forge. */
export interface Project {
  readonly id: number;
  /** `owner/name`; a GitLab namespace may have more than one part. */
  readonly name: string;
  readonly repository: Repository;
  rules: Rules;
  readonly pulls: Pull[];
  readonly reports: Report[];
  readonly deployments: Deployment[];
  readonly labels: { readonly id: number; readonly name: string }[];
}

export type ForgeEvent =
  | {
      readonly is: 'pull';
      readonly action: 'opened' | 'closed' | 'merged' | 'synchronized' | 'approved';
      readonly project: Project;
      readonly pull: Pull;
      readonly by: string;
    }
  | { readonly is: 'report'; readonly project: Project; readonly report: Report; readonly by: string };
