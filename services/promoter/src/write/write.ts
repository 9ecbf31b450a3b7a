import type { RepositoryAt } from '../git/git.js';
import type { Landed, Nothing, Part, Refusal } from '../part.js';

/** Where parts are written. `branch` is a full ref name. */
export interface Destination {
  readonly repository: RepositoryAt;
  readonly branch: string;
}

/** A part that has to be written. A strategy sees the same object again when it retries. */
export interface Candidate {
  /** What Git needs to know about the part. */
  part(): Part;
}

/** The result of one try to write a part. */
export type Landing =
  | Refusal
  | Landed
  | Nothing
  /** Not written yet. The part is tried again at once, in the next batch. */
  | { readonly is: 'retry'; readonly why: string; readonly attempt: number }
  /** Not written, and other parts of the branch go first. */
  | { readonly is: 'postponed'; readonly message: string; readonly delayMs: number };

/** Writes planned parts to the branch that Argo CD follows, several at once (direct-commit.ts). */
export interface BranchWriter {
  /** Chooses which of the waiting parts to write together; the first is always one of them. */
  batch<Waiting extends Candidate>(
    destination: Pick<Destination, 'repository'> & { readonly branch: string | undefined },
    waiting: readonly [Waiting, ...Waiting[]],
  ): Waiting[];
  /** Tries once to write these parts. The results are in their order. Rejects with a RemoteFault. */
  land(destination: Destination, candidates: readonly Candidate[]): Promise<Landing[]>;
}
