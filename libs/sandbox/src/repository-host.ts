import type { ArgoCdOptions } from './argo/index.js';
import type { Repository, RepositoryContents } from './git/repository.js';

/** A server of one's own for the repository. */
export interface RepositoryHost {
  createRepository(name: string, contents: RepositoryContents): Promise<Repository>;
  /** The promoter's Secret, in the format of Argo CD. */
  readonly secret: Readonly<Record<string, string>>;
  /** How the Argo CD stand-in reaches it. */
  readonly argo: NonNullable<ArgoCdOptions['git']>;
}
