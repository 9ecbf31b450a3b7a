import type { PullRequestWish } from '@k8sta/contracts';
import type { ChecksOf, Proposal } from '../forge/forge.js';
import type { Landed, Look, Nothing, Ready, Refusal } from '../part.js';

/** Everything that decides what happens next to the pull request of a part. */
export interface Facts {
  readonly wish: PullRequestWish;
  /** The promoter opens no pull request after this time. */
  readonly notAfter: Date;
  readonly now: Date;
  /** Both branches, as Git shows them. */
  readonly look: Look;
  /** As the forge shows it; undefined if there is none. */
  readonly proposal: Proposal | undefined;
  /** It was closed for an earlier issue of the request, which was answered: this one needs another pull request. */
  readonly isOfEarlierIssue: boolean;
  /** `promotion.proposed` says that it is open, with this issue of the request. */
  readonly isPublished: boolean;
  /** `promotion.started` is published. */
  readonly isStarted: boolean;
  /** The server refused to delete our branch. */
  readonly isDropRefused: boolean;
  /** What the tracker answered; undefined as long as it was not asked. */
  readonly wanted?: { readonly wanted: boolean; readonly message?: string | undefined } | undefined;
  /** Undefined as long as the forge was not asked. */
  readonly checks?: ChecksOf | undefined;
}

/** The next step. After each of them but `answer` and `wait`, the promoter looks again. */
export type Action =
  | { readonly do: 'askTracker' }
  | { readonly do: 'askForChecks'; readonly commit: string }
  /** Publish the base before the first push. */
  | { readonly do: 'start'; readonly plan: Ready }
  /** Push our commit to the branch of the pull request: create the branch, or replace our commit. */
  | { readonly do: 'push'; readonly branch: string; readonly replaces: string | undefined }
  | { readonly do: 'open'; readonly branch: string; readonly plan: Ready }
  | { readonly do: 'publish'; readonly branch: string; readonly proposal: Proposal }
  | { readonly do: 'merge'; readonly proposal: Proposal; readonly plan: Ready }
  | { readonly do: 'close'; readonly number: number; readonly because: string }
  /** Delete the branch of the pull request. */
  | { readonly do: 'drop'; readonly commit: string }
  /** The part is over. */
  | { readonly do: 'answer'; readonly answer: Refusal | Landed | Nothing }
  /** `soon`: something is about to change by itself. */
  | { readonly do: 'wait'; readonly message: string; readonly soon?: boolean };
