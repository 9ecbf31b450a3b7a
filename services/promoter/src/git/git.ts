import { type gitRelation, normaliseGitUrl, oneLine, withoutCredentials } from '@k8sta/contracts';
import type { z } from 'zod';
import type { Part, Plan, Pushed } from '../part.js';
import { type Credential, credentialFor } from './credentials.js';
import { remoteWords } from './error-messages.js';
import type { Author, Remote } from './worker/protocol.js';
import type { Workers } from './worker-pool.js';
import { RemoteFault } from './worker-process.js';

/** A repository: the address to speak with, and the normalised name it is known under. */
export interface RepositoryAt {
  readonly name: string;
  readonly address: string;
}

/** The repository of an Application's address, or why nothing may be written there, in words. */
export function repositoryOf(spelled: string, isAllowed: (name: string) => boolean): RepositoryAt | string {
  const address = spelled.trim();
  try {
    const name = normaliseGitUrl(address);
    // There are no keys for ssh yet.
    if (!/^https?:/i.test(address)) {
      return `${name} can only be written to by an http:// or https:// address; the Application has another repoURL`;
    }
    return isAllowed(name) ? { name, address } : `${name} is none of K8STA_GIT_REPOSITORIES, which may be written to`;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** Git as the handlers see it. What goes wrong with the world rejects, with words for people and without secrets. */
export interface Git {
  /** What is to be done about these parts of one branch, in their order. */
  plan(repository: RepositoryAt, parts: readonly Part[]): Promise<Plan[]>;
  /** Pushes one commit for each part; the answers are in their order. */
  push(repository: RepositoryAt, parts: readonly Part[], branch: string): Promise<Pushed[]>;
  /** As `plan`, for what nobody asked to commit. Aborted while it waits for its turn, it rejects. */
  inspect(repository: RepositoryAt, part: Part, signal: AbortSignal): Promise<Plan>;
  relation(
    repository: RepositoryAt,
    question: z.infer<typeof gitRelation.request>,
    signal: AbortSignal,
  ): Promise<z.infer<typeof gitRelation.reply>>;
}

export interface GitOptions {
  readonly workers: Workers;
  readonly author: Author;
  /** Read anew for each order, so that a rotated secret needs no restart. */
  readonly credentials: () => Promise<readonly Credential[]>;
}

/** Git by worker processes with nodegit. */
export function gitByWorkers({ workers, author, credentials }: GitOptions): Git {
  const withRemote = async <T>(repository: RepositoryAt, work: (remote: Remote) => Promise<T>): Promise<T> => {
    const address = withoutCredentials(repository.address);
    const known = await credentials().catch((error: Error) => {
      // A file that was replaced by a broken one: it is read again with the next order.
      throw new RemoteFault(`the credentials cannot be used: ${oneLine(error.message)}`);
    });
    const credential = credentialFor(known, address);
    try {
      return await work({
        url: address,
        ...(credential && { username: credential.username, password: credential.password }),
      });
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
      throw new RemoteFault(`${repository.name}: ${remoteWords(error.message, credential?.password)}`);
    }
  };
  return {
    plan: (repository, parts) =>
      withRemote(repository, (remote) => workers.ask(repository.name, { op: 'plan', remote, parts: [...parts] })),
    push: (repository, parts, branch) =>
      withRemote(repository, (remote) =>
        workers.ask(repository.name, { op: 'push', remote, parts: [...parts], branch, author }),
      ),
    inspect: (repository, part, signal) =>
      withRemote(repository, (remote) => workers.ask(repository.name, { op: 'inspect', remote, part }, signal)),
    relation: (repository, question, signal) =>
      withRemote(repository, (remote) => workers.ask(repository.name, { op: 'relation', remote, question }, signal)),
  };
}
