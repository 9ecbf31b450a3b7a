import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import nodegit, { type Repository } from 'nodegit';
import { connect, type Progress } from './connection.js';
import { orMissing } from './files.js';
import { Serial } from './in-turn.js';
import type { Remote } from './protocol.js';

/** A branch and its tip, as the remote reported it. */
export interface Branch {
  readonly name: string;
  readonly tip: string;
}

/**
 * Each fetch adds a pack of two files, each pack adds about 0.1 ms to each lookup of an object that is missing, and
 * libgit2 cannot repack. A mirror with more packs is replaced by an empty one when a process opens it.
 */
const maxPacks = 1_000;

/** The warm bare mirror of a repository. One process at a time holds it. */
export class Mirror {
  readonly #directory: string;
  #idle: Repository[] = [];
  /** Counts how often the mirror was discarded. */
  #generation = 0;
  readonly #lent = new WeakMap<Repository, number>();
  readonly #fetches = new Serial();
  /** When the last fetch of each branch started, by the monotonic clock. */
  readonly #fetchedAt = new Map<string, number>();
  /** The last known tip of each branch. */
  readonly #tips = new Map<string, string>();
  /** The last fetch of each branch, for callers that need no newer one. */
  readonly #recent = new Map<string, Promise<Branch | 'tag' | undefined>>();
  #opened: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Lends each piece of work a handle of its own: a libgit2 object may be used by one thread at a time
   * (https://github.com/libgit2/libgit2/blob/main/docs/threading.md), and a question must not wait for a push.
   */
  async with<T>(work: (repository: Repository) => Promise<T>): Promise<T> {
    const repository = await this.borrow();
    const result = await work(repository);
    this.giveBack(repository);
    return result;
  }

  /** Lends a handle for longer than one piece of work. */
  async borrow(): Promise<Repository> {
    this.#opened ??= this.#prepare().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    await this.#opened;
    const generation = this.#generation;
    const repository = this.#idle.pop() ?? (await nodegit.Repository.openBare(this.#directory));
    this.#lent.set(repository, generation);
    return repository;
  }

  /** Takes a handle back, only after success: a handle may be broken after a failure, or belong to a discarded mirror. */
  giveBack(repository: Repository): void {
    if (this.#lent.get(repository) === this.#generation) this.#idle.push(repository);
  }

  /**
   * Fetches one branch (without a name: the one that the remote's HEAD points at). Undefined if the remote has no
   * such branch, and `tag` if it has a tag of that name instead.
   */
  fetch(remote: Remote, branch: string | undefined, progress: Progress): Promise<Branch | 'tag' | undefined> {
    return this.#fetches.run(() => {
      const key = branch ?? '';
      this.#fetchedAt.set(key, performance.now());
      const fetched = this.with(async (repository) => {
        const found = await fetchBranch(repository, remote, branch, progress);
        if (found && found !== 'tag') this.#tips.set(found.name, found.tip);
        return found;
      });
      this.#recent.set(key, fetched);
      // Nobody can use a failed fetch.
      fetched.catch(() => this.#recent.get(key) === fetched && this.#recent.delete(key));
      return fetched;
    });
  }

  /** The result of the last fetch of this branch if it started no longer ago than this; else of a new fetch. */
  recent(
    remote: Remote,
    branch: string | undefined,
    withinMs: number,
    progress: Progress,
  ): Promise<Branch | 'tag' | undefined> {
    const known = this.#recent.get(branch ?? '');
    if (known && this.sinceFetch(branch) < withinMs) return known;
    return this.fetch(remote, branch, progress);
  }

  /** The tip of the branch after the last fetch or push; undefined if it is not known. */
  tip(branch: string): string | undefined {
    return this.#tips.get(branch);
  }

  /** Records the new tip of the branch; undefined means that it is not known any more. */
  moved(branch: string, tip: string | undefined): void {
    if (tip === undefined) this.#tips.delete(branch);
    else this.#tips.set(branch, tip);
  }

  /** How long ago the last fetch of this branch started, in milliseconds. */
  sinceFetch(branch: string | undefined): number {
    return performance.now() - (this.#fetchedAt.get(branch ?? '') ?? Number.NEGATIVE_INFINITY);
  }

  /** Deletes the mirror. The next piece of work starts with an empty one. */
  async discard(): Promise<void> {
    this.#idle = [];
    this.#generation++;
    this.#recent.clear();
    this.#tips.clear();
    this.#opened = undefined;
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    const open = () => nodegit.Repository.openBare(this.#directory);
    try {
      await open();
      const packs = await readdir(join(this.#directory, 'objects/pack'));
      if (packs.length > 2 * maxPacks) throw new RangeError(`the mirror has ${packs.length} pack files`);
    } catch {
      await rm(this.#directory, { recursive: true, force: true });
      await nodegit.Repository.init(this.#directory, 1);
    }
    await removeLeftovers(this.#directory);
    const config = await (await open()).config();
    // Makes libgit2 follow redirects on the same host only. It would send the credentials to another host too, and the
    // credentials callback does not learn which host asks.
    await config.setString('http.followRedirects', 'false');
  }
}

/** The private ref of a branch. A hash, because a branch `a` may be replaced by `a/b`, and two refs cannot have these names. */
function privateRef(branch: string): string {
  return `refs/k8sta/${createHash('sha256').update(branch).digest('hex').slice(0, 32)}`;
}

async function fetchBranch(
  repository: Repository,
  address: Remote,
  wanted: string | undefined,
  progress: Progress,
): Promise<Branch | 'tag' | undefined> {
  if (wanted !== undefined && !nodegit.Reference.isValidName(wanted)) return undefined;
  const { remote, options, refs } = await connect(repository, address, nodegit.Enums.DIRECTION.FETCH, progress);
  const name = wanted ?? (await orMissing(remote.defaultBranch()))?.toString();
  const tip = name === undefined ? undefined : refs.get(name);
  if (name === undefined || tip === undefined) {
    await remote.disconnect();
    return refs.has(`${name}`.replace(/^refs\/heads\//, 'refs/tags/')) ? 'tag' : undefined;
  }
  const downloadTags = nodegit.Remote.AUTOTAG_OPTION.DOWNLOAD_TAGS_NONE;
  // On the same connection, so the fetch gets the tip that was advertised on it.
  await remote.fetch([`+${name}:${privateRef(name)}`], { ...options, downloadTags, updateFetchhead: 0 }, 'k8sta');
  progress.local();
  return { name, tip };
}

/** A killed worker leaves lock files, which nothing else would ever remove, and incomplete packs. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const leftover = entry.name.endsWith('.lock') || /^(pack_git2_|tmp_)/.test(entry.name);
    if (entry.isFile() && leftover) await rm(join(entry.parentPath, entry.name), { force: true });
  }
}
