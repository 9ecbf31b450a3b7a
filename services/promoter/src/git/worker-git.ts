import { normaliseGitUrl } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Part } from '../part.js';
import { explainRemoteError } from './error-messages.js';
import { type Git, RemoteFault, type RepositoryAt } from './git.js';
import { placesElsewhere } from './places-elsewhere.js';
import type { Author, CommitStyle, ElsewhereAt, MessageStyle, Remote, SigningKey } from './worker/protocol.js';
import type { WorkerPool } from './worker-pool.js';

/** How one job reaches its remote. */
export interface Access {
  readonly remote: Remote;
  /** What must not appear in a message, although the remote may quote it. */
  readonly secrets: readonly string[];
  /** The remote has failed. Returns the message, with what the failure may have to do with the credential. */
  onFailure?(message: string): string;
}

export interface WorkerGitOptions {
  readonly pool: WorkerPool;
  readonly author: Author;
  /** The templates of commit messages. */
  readonly message?: MessageStyle;
  /** What signs the commits, if anything does. Called for each push. */
  readonly signingKey?: () => Promise<SigningKey | undefined>;
  /** How to reach the remote at this address. Called for each job, so that a rotated secret needs no restart. */
  readonly accessTo: (address: string) => Promise<Access>;
  /** Whether a repository may be read that is not committed to, by its normalised name. */
  readonly isReadable?: (name: string) => boolean;
}

/** The implementation of {@link Git}: worker processes with nodegit. */
export function gitByWorkers({
  pool,
  author,
  message,
  signingKey,
  accessTo,
  isReadable = () => true,
}: WorkerGitOptions): Git {
  const withRemote = async <T>(repository: RepositoryAt, work: (remote: Remote) => Promise<T>): Promise<T> => {
    const access = await accessTo(repository.address).catch((error: Error) => {
      // Somebody replaced a file by a broken one. The next job reads it again.
      throw new RemoteFault(`${repository.name}: the credentials cannot be used: ${sanitizeLine(error.message)}`);
    });
    try {
      return await work(access.remote);
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
      const message = explainRemoteError(error.message, access.secrets);
      throw new RemoteFault(`${repository.name}: ${access.onFailure?.(message) ?? message}`);
    }
  };
  const style = async (): Promise<CommitStyle> => {
    const key = await signingKey?.().catch((error: Error) => {
      // A commit without a signature is not an alternative: the next try reads the key again.
      throw new RemoteFault(sanitizeLine(error.message));
    });
    return { author, ...(message && { message }), ...(key && { signingKey: key }) };
  };
  /** What the parts read of other repositories, as far as it may be read. */
  const elsewhereOf = async (parts: readonly Part[]): Promise<{ elsewhere?: ElsewhereAt[] }> => {
    const places = placesElsewhere(parts).filter(({ repository }) => isReadable(normaliseGitUrl(repository)));
    const elsewhere = await Promise.all(
      places.map(async (place) => ({ ...place, remote: (await accessTo(place.repository)).remote })),
    );
    return elsewhere.length > 0 ? { elsewhere } : {};
  };
  return {
    plan: (repository, parts, onNote) =>
      withRemote(repository, async (remote) => {
        const note = onNote && ((text: string) => onNote(`${repository.name}: ${sanitizeLine(text, 500)}`));
        return pool.run(
          repository.name,
          { op: 'plan', remote, parts: [...parts], ...(await elsewhereOf(parts)), ...(await style()) },
          { onNote: note },
        );
      }),
    push: (repository, parts, branch) =>
      withRemote(repository, async (remote) => {
        return pool.run(repository.name, {
          ...{ op: 'push', remote, parts: [...parts], branch },
          ...(await elsewhereOf(parts)),
          ...(await style()),
        });
      }),
    look: (repository, part, head, merged) =>
      withRemote(repository, async (remote) =>
        pool.run(repository.name, {
          ...{ op: 'look', remote, part, author, head },
          ...(merged && { merged }),
          ...(await elsewhereOf([part])),
        }),
      ),
    propose: (repository, part, refs, replaces) =>
      withRemote(repository, async (remote) =>
        pool.run(repository.name, {
          ...{ op: 'propose', remote, part, ...refs },
          ...(replaces !== undefined && { replaces }),
          ...(await elsewhereOf([part])),
          ...(await style()),
        }),
      ),
    drop: (repository, head, commit) =>
      withRemote(repository, (remote) => pool.run(repository.name, { op: 'drop', remote, head, commit })),
    inspect: (repository, part, signal) =>
      withRemote(repository, async (remote) =>
        pool.run(repository.name, { op: 'inspect', remote, part, ...(await elsewhereOf([part])) }, { signal }),
      ),
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
