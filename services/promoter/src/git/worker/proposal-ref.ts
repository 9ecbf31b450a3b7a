import { parseProposalBranch } from '@k8sta/contracts';

/**
 * Throws unless it is the full name of a branch that a pull request of ours has. Every push that is not a fast-forward, and
 * every deletion, goes through this.
 */
export function requireProposalRef(ref: string): void {
  if (ref.startsWith('refs/heads/k8sta/') && parseProposalBranch(ref) !== undefined) return;
  throw new Error(
    `"${ref.slice(0, 300)}" is not the branch of a pull request of K8sTA; it must not be replaced or deleted`,
  );
}
