import type { Outcome } from '@k8sta/bus';
import type { RepositoryAt } from '../git/git.js';
import type { Requested } from './part-events.js';

/** One delivery of a request, and the repository that it is about. */
export interface Delivery {
  readonly requested: Requested;
  readonly repository: RepositoryAt;
  /** How often the request has been delivered, including this time. */
  readonly deliveries: number;
  /** Told why the part takes long. */
  readonly onNote: (note: string) => void;
}

/** How a requested part gets into its repository: by a commit on the branch itself, or by a pull request. */
export interface WriteStrategy {
  /** Answers the part, or says when it has to be delivered again. */
  write(delivery: Delivery): Promise<Outcome>;
}
