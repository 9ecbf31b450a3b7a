import { withoutCredentials } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { type Credential, credentialFor } from './credentials.js';
import { explainRemoteError } from './error-messages.js';
import { type Git, RemoteFault, type RepositoryAt } from './git.js';
import type { Author, Remote } from './worker/protocol.js';
import type { WorkerPool } from './worker-pool.js';

export interface WorkerGitOptions {
  readonly pool: WorkerPool;
  readonly author: Author;
  /** Called for each job, so that a rotated secret needs no restart. */
  readonly credentials: () => Promise<readonly Credential[]>;
}

/** The implementation of {@link Git}: worker processes with nodegit. */
export function gitByWorkers({ pool, author, credentials }: WorkerGitOptions): Git {
  const withRemote = async <T>(repository: RepositoryAt, work: (remote: Remote) => Promise<T>): Promise<T> => {
    const address = withoutCredentials(repository.address);
    const known = await credentials().catch((error: Error) => {
      // Somebody replaced the file by a broken one. The next job reads it again.
      throw new RemoteFault(`the credentials cannot be used: ${sanitizeLine(error.message)}`);
    });
    const credential = credentialFor(known, address);
    try {
      return await work({
        url: address,
        ...(credential && { username: credential.username, password: credential.password }),
      });
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
      throw new RemoteFault(`${repository.name}: ${explainRemoteError(error.message, credential?.password)}`);
    }
  };
  return {
    plan: (repository, parts, onNote) =>
      withRemote(repository, (remote) => {
        const note = onNote && ((text: string) => onNote(`${repository.name}: ${sanitizeLine(text, 500)}`));
        return pool.run(repository.name, { op: 'plan', remote, parts: [...parts], author }, { onNote: note });
      }),
    push: (repository, parts, branch) =>
      withRemote(repository, (remote) =>
        pool.run(repository.name, { op: 'push', remote, parts: [...parts], branch, author }),
      ),
    inspect: (repository, part, signal) =>
      withRemote(repository, (remote) => pool.run(repository.name, { op: 'inspect', remote, part }, { signal })),
    async relation(repository, question, signal) {
      // Without a revision, the question is about the branch as it is now.
      const isAboutTip = question.revision === undefined;
      const known = isAboutTip ? null : await pool.run(repository.name, { op: 'lookUp', question }, { signal });
      if (known) return known;
      return withRemote(repository, (remote) =>
        pool.run(repository.name, { op: 'relation', remote, question }, { signal }),
      );
    },
  };
}
