import type { ForgeProvider, MergeMethod } from '@k8sta/contracts';
import { RemoteFault } from '../git/git.js';

/** A pull request as the forge shows it now. */
export interface Proposal {
  /** GitLab's iid. */
  readonly number: number;
  /** Its page. */
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** Short names of branches, and the commit at which the forge sees the head. */
  readonly head: string;
  readonly commit: string;
  readonly base: string;
  readonly isDraft: boolean;
  /**
   * Whether the forge would merge it now. `blocked`: a rule of the branch is not met, such as a review or a check;
   * `behind`: the branch must contain the tip of its base first; `unknown`: the forge has not found out yet, so ask again soon.
   */
  readonly mergeable: 'yes' | 'blocked' | 'conflict' | 'behind' | 'unknown';
  /** What is missing, in the words of the forge; empty if nothing is known. */
  readonly missing: string;
  /** The commit on the base branch, and who merged; present if it is merged and the forge says so. */
  readonly merged?: { readonly commit?: string; readonly by?: string };
  /** Who closed it; present if it is closed and the forge says so. */
  readonly closed?: { readonly by?: string };
}

export interface NewProposal {
  /** Short names of branches of one repository. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly reviewers: readonly string[];
  readonly isDraft: boolean;
}

export interface Merge {
  readonly number: number;
  /** Nothing is merged if the head is another commit by now. */
  readonly commit: string;
  readonly method: MergeMethod;
  /** The message of a squashed or a merge commit: its trailers are how we find it. */
  readonly title: string;
  readonly message: string;
}

/** `refused`: a rule of the branch, a conflict, or a head that moved; the request stays open. */
export type Merged = { readonly is: 'merged' } | { readonly is: 'refused'; readonly why: string };

/** What has been reported for a commit: by checks, statuses or pipelines. */
export interface ChecksOf {
  readonly state: 'none' | 'pending' | 'passed' | 'failed';
  /** The names of those that are pending or failed. */
  readonly names: readonly string[];
}

export interface CommitStatus {
  readonly commit: string;
  readonly state: 'pending' | 'success' | 'failure';
  /** Such as `k8sta/storefront/prod`. The last status of a context is the one that people see. */
  readonly context: string;
  /** At most 140 characters. */
  readonly description: string;
  readonly url?: string;
}

export interface Deployment {
  readonly commit: string;
  readonly environment: string;
  readonly state: 'in_progress' | 'success' | 'failure';
  readonly description: string;
  readonly url?: string;
}

/** One repository on a forge. Every method rejects with a {@link ForgeFault}. */
export interface Forge {
  readonly provider: ForgeProvider;
  /** The pull request from this branch into that one: the open one, else the newest. Short names. */
  find(head: string, base: string): Promise<Proposal | undefined>;
  get(number: number): Promise<Proposal | undefined>;
  /**
   * Opens it, with its labels and reviewers. If there is an open one already, returns that one. Labels and reviewers that
   * the forge refuses do not fail it: `notes` says so.
   */
  open(wish: NewProposal): Promise<{ readonly proposal: Proposal; readonly notes: readonly string[] }>;
  merge(merge: Merge): Promise<Merged>;
  /** Comments first, and closes it then. Does nothing to one that is closed or merged already. */
  close(number: number, comment: string): Promise<void>;
  comment(number: number, text: string): Promise<void>;
  checksOf(commit: string): Promise<ChecksOf>;
  setStatus(status: CommitStatus): Promise<void>;
  /** Only GitHub has deployments; absent elsewhere. */
  deploy?(deployment: Deployment): Promise<void>;
}

/** The forge cannot be asked now, or refuses: rate limits, 5xx, a missing scope. The message is for people and has no secrets. */
export class ForgeFault extends RemoteFault {
  /** How long the forge asks us to wait, in milliseconds; undefined if it does not say. */
  readonly retryAfterMs: number | undefined;
  /** A person must change something first, such as the scopes of the token. Asking again soon is of no use. */
  readonly needsPerson: boolean;

  constructor(
    message: string,
    { retryAfterMs, needsPerson = false }: { retryAfterMs?: number; needsPerson?: boolean } = {},
  ) {
    super(message);
    this.retryAfterMs = retryAfterMs;
    this.needsPerson = needsPerson;
  }
}

/** The forge of the repository at this address; a sentence if it cannot be known which forge that is. */
export type ForgeOf = (address: string, provider: ForgeProvider | undefined) => Promise<Forge | string>;
