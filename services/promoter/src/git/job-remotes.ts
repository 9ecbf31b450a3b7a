import { sanitizeLine } from '@k8sta/text';
import type { Part } from '../part.js';
import { explainRemoteError } from './error-messages.js';
import { ElsewhereFault, RemoteFault, type RepositoryAt } from './git.js';
import { placesElsewhere } from './places-elsewhere.js';
import { redact, redactSentences } from './redact.js';
import type { ElsewhereAt, Remote } from './worker/protocol.js';

/** How one job reaches a remote. */
export interface Access {
  readonly remote: Remote;
  /** What must not appear in a message, although the remote may quote it. */
  readonly secrets: readonly string[];
  /** The remote has failed. Returns the message, with what the failure may have to do with the credential. */
  onFailure?(message: string): string;
}

export interface JobRemotesOptions {
  /** How to reach the remote at this address. Called for each job, so that a rotated secret needs no restart. */
  readonly accessTo: (address: string) => Promise<Access>;
  /** Whether a repository may be read that is not committed to, by its normalised name. */
  readonly isReadable: (name: string) => boolean;
}

/** The remotes of one job: that of the repository, and those that its parts read. */
export interface Opened {
  readonly remote: Remote;
  readonly elsewhere?: ElsewhereAt[];
}

/** Hides the secrets of all remotes of a job. */
export type Hide = (text: string) => string;

/**
 * Runs a job with the remotes that it needs. Rejects with a {@link RemoteFault} that names the repository that failed; it is an
 * {@link ElsewhereFault} if the builds only read that. Neither it nor a sentence of the answer has a secret of any remote.
 */
export type WithRemotes = <Answer>(
  repository: RepositoryAt,
  parts: readonly Part[],
  job: (opened: Opened, hide: Hide) => Promise<Answer>,
) => Promise<Answer>;

/** A remote of a job. */
interface Party {
  readonly access: Access;
  /** How a failure of it is reported. */
  fault(message: string): RemoteFault;
}

export function jobRemotes({ accessTo, isReadable }: JobRemotesOptions): WithRemotes {
  const open = async (address: string, fault: Party['fault']): Promise<Party> => {
    try {
      return { access: await accessTo(address), fault };
    } catch (error) {
      // Somebody replaced a file by a broken one. The next job reads it again.
      throw fault(`the credentials cannot be used: ${sanitizeLine((error as Error).message)}`);
    }
  };
  const openElsewhere = (parts: readonly Part[]) =>
    placesElsewhere(parts)
      .filter(({ name }) => isReadable(name))
      .map(async ({ name, repository, revision }) => {
        const readers = parts.filter((part) => placesElsewhere([part]).some((each) => each.name === name));
        const reading = { repository: name, readers: readers.map(({ id }) => id) };
        const party = await open(
          repository,
          (message) => new ElsewhereFault(`${name} (read by the build): ${message}`, reading),
        );
        return { party, place: { repository, revision, remote: party.access.remote } };
      });
  return async (repository, parts, job) => {
    const written = await open(repository.address, (message) => new RemoteFault(`${repository.name}: ${message}`));
    const read = await Promise.all(openElsewhere(parts));
    const elsewhere = read.map(({ place }) => place);
    const secrets = [written, ...read.map(({ party }) => party)].flatMap(({ access }) => access.secrets);
    const opened = { remote: written.access.remote, ...(elsewhere.length > 0 && { elsewhere }) };
    try {
      return redactSentences(await job(opened, (text) => redact(text, secrets)), secrets);
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
      const { access, fault } = (error.elsewhere === undefined ? undefined : read[error.elsewhere]?.party) ?? written;
      const message = explainRemoteError(error.message, secrets);
      throw fault(access.onFailure?.(message) ?? message);
    }
  };
}
