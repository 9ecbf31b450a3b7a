import type { Limits } from '../checks/limits.js';

/** A secret, and where it is: `ghcr:2` is line 2 of the file `ghcr`. Only the name may be stored and logged. */
export interface NamedSecret {
  readonly name: string;
  readonly value: string;
  /** What it may be used for. Default: everything that its sender may do. */
  readonly limits?: Limits;
}
