import { type gitRelation, normaliseGitUrl } from '@k8sta/contracts';
import type { z } from 'zod';
import type { Dropped, Look, Part, Plan, Proposed, Pushed } from '../part.js';

/** A repository: the address to connect to, and its normalised name. */
export interface RepositoryAt {
  readonly name: string;
  readonly address: string;
}

/** The branches of a part's pull request, as full ref names. */
interface ProposalRefs {
  /** The branch into which it is to be merged. */
  readonly branch: string;
  /** Its own branch: only one whose name begins with `refs/heads/k8sta/` is ever written. */
  readonly head: string;
}

/** Git as the rest of the promoter sees it. Every method rejects with a {@link RemoteFault} if the remote fails. */
export interface Git {
  /**
   * Decides what has to be done about these parts of one branch. The plans are in the order of the parts. `onNote` is told
   * why it takes long.
   */
  plan(repository: RepositoryAt, parts: readonly Part[], onNote?: (note: string) => void): Promise<Plan[]>;
  /** Pushes one commit for each part. The outcomes are in the order of the parts. */
  push(repository: RepositoryAt, parts: readonly Part[], branch: string): Promise<Pushed[]>;
  /**
   * Looks at the target branch of a part and at the branch of its pull request. `merged` is what the forge says about its
   * merge; then the plan says which commit of the target branch it is.
   */
  look(
    repository: RepositoryAt,
    part: Part,
    head: string,
    merged?: { readonly commit?: string | undefined },
  ): Promise<Look>;
  /**
   * Pushes one commit to the branch of the part's pull request, on top of the target branch. Creates the branch, or replaces
   * it if its tip is still `replaces`. This is the only push that is not a fast-forward.
   */
  propose(repository: RepositoryAt, part: Part, refs: ProposalRefs, replaces: string | undefined): Promise<Proposed>;
  /** Deletes the branch of a pull request if its tip is still this commit. */
  drop(repository: RepositoryAt, head: string, commit: string): Promise<Dropped>;
  /** Plans a part that will not be committed. Rejects if the signal aborts before a worker takes the job. */
  inspect(repository: RepositoryAt, part: Part, signal: AbortSignal): Promise<Plan>;
  relation(
    repository: RepositoryAt,
    question: z.infer<typeof gitRelation.request>,
    signal: AbortSignal,
  ): Promise<z.infer<typeof gitRelation.reply>>;
}

/** The remote, or the process that talks to it, failed. The message is for people and has no secrets. */
export class RemoteFault extends Error {
  override readonly name = 'RemoteFault';
  /** Which of the other repositories of a job failed, if it was not the one that the job is about: its index. */
  readonly elsewhere: number | undefined;

  constructor(message: string, elsewhere?: number) {
    super(message);
    this.elsewhere = elsewhere;
  }
}

/** A repository that builds only read failed. The parts whose builds do not read it can be promoted without it. */
export class ElsewhereFault extends RemoteFault {
  /** Its normalised name. */
  readonly repository: string;
  /** The ids of the parts whose builds read it. */
  readonly readers: readonly string[];

  constructor(message: string, { repository, readers }: Pick<ElsewhereFault, 'repository' | 'readers'>) {
    super(message);
    this.repository = repository;
    this.readers = readers;
  }
}

/** The repository at an Application's address, or the reason why nothing may be written there. */
export function repositoryOf(spelled: string, isAllowed: (name: string) => boolean): RepositoryAt | string {
  const address = spelled.trim();
  try {
    const name = normaliseGitUrl(address);
    return isAllowed(name) ? { name, address } : `${name} is not in K8STA_GIT_REPOSITORIES (the write allowlist)`;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
