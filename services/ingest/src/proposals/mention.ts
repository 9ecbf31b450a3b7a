import type { BusEvent } from '@k8sta/contracts';

export type ProposalChanged = BusEvent & { readonly type: 'proposal.changed' };

/** What a forge's webhook says about a branch. */
export interface Mention {
  /** With or without `refs/heads/`. */
  readonly branch: string;
  /** Whether the branch is in another repository than the one for which the pull request is. */
  readonly isOfFork: boolean;
  /** The path of the repository, as the forge names it. */
  readonly repository: string;
  /** The number of the pull request, if the webhook is about one. */
  readonly number?: number;
  readonly what: ProposalChanged['data']['what'];
  /** The user, as the forge names them. */
  readonly by?: string | undefined;
}
