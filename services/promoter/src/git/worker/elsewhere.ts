import { createHash } from 'node:crypto';
import nodegit, { type Repository } from 'nodegit';
import type { Part } from '../../part.js';
import { connect, type Progress } from './connection.js';
import { ElsewhereError } from './fault.js';
import { hasCommit } from './history.js';
import type { Mirror } from './mirror.js';
import type { ElsewhereAt } from './protocol.js';

/** A branch of another repository is looked up again after this: a plan needs its files, and no commit goes there. */
const freshMs = 60_000;

/**
 * What builds read from other repositories and revisions, such as the chart whose values are edited. Their commits are
 * fetched into the same mirror.
 */
export class Elsewhere {
  readonly #mirror: Mirror;
  readonly #now: () => number;
  readonly #found = new Map<string, { readonly commit: Promise<string | undefined>; readonly at: number }>();

  /** `now` is a monotonic clock, in milliseconds. */
  constructor(mirror: Mirror, now = () => performance.now()) {
    this.#mirror = mirror;
    this.#now = now;
  }

  /** Tells each part at which commit the other repositories are. Rejects with an {@link ElsewhereError} if one cannot be read. */
  async locatedIn(parts: readonly Part[], places: readonly ElsewhereAt[], progress: Progress): Promise<Part[]> {
    const elsewhere: NonNullable<Part['elsewhere']> = [];
    for (const [index, place] of places.entries()) {
      const waits = { ...progress, contact: () => progress.contact(index) };
      const commit = await this.#commitAt(place, waits).catch((error: Error) => {
        throw new ElsewhereError(index, error);
      });
      if (commit !== undefined) elsewhere.push({ repository: place.repository, revision: place.revision, commit });
    }
    return parts.map((part) => ({ ...part, elsewhere }));
  }

  #commitAt(place: ElsewhereAt, progress: Progress): Promise<string | undefined> {
    const key = JSON.stringify([place.repository, place.revision]);
    const now = this.#now();
    for (const [other, { at }] of this.#found) if (now - at >= freshMs) this.#found.delete(other);
    const known = this.#found.get(key);
    if (known) return known.commit;
    const commit = this.#mirror.with((repository) => fetchRevision(repository, place, progress));
    this.#found.set(key, { commit, at: now });
    // Nobody can use a failed fetch.
    commit.catch(() => this.#found.delete(key));
    return commit;
  }
}

/** The commit of a branch, a tag or a commit id; undefined if the remote does not have it. */
async function fetchRevision(
  repository: Repository,
  { revision, remote: address }: ElsewhereAt,
  progress: Progress,
): Promise<string | undefined> {
  if (/^[0-9a-f]{40}$/.test(revision) && (await hasCommit(repository, revision))) return revision;
  const { remote, options, refs } = await connect(repository, address, nodegit.Enums.DIRECTION.FETCH, progress);
  const wanted = revision === '' ? 'HEAD' : revision;
  const name = [wanted, `refs/heads/${wanted}`, `refs/tags/${wanted}`].find((each) => refs.has(each));
  const target = `refs/k8sta/elsewhere-${createHash('sha256').update(`${address.url} ${wanted}`).digest('hex').slice(0, 32)}`;
  // A server seldom sends a commit that no ref shows, so its branches are fetched instead.
  const refspec = name === undefined ? `+refs/heads/*:${target}/*` : `+${name}:${target}`;
  if (name === undefined && !/^[0-9a-f]{40}$/.test(wanted)) {
    await remote.disconnect();
    return undefined;
  }
  const downloadTags = nodegit.Remote.AUTOTAG_OPTION.DOWNLOAD_TAGS_NONE;
  await remote.fetch([refspec], { ...options, downloadTags, updateFetchhead: 0 }, 'k8sta');
  progress.local();
  if (name === undefined) return (await hasCommit(repository, wanted)) ? wanted : undefined;
  const reference = await nodegit.Reference.lookup(repository, target);
  const commit = (await reference.peel(nodegit.Object.TYPE.COMMIT)) as unknown as nodegit.Commit;
  return commit.id().tostrS();
}
