import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import nodegit, { type Repository } from 'nodegit';
import { connect, type Signs } from './connection.js';
import { orMissing } from './files.js';
import { Serial } from './in-turn.js';
import type { Remote } from './protocol.js';

/** A branch as the remote said it stands. */
export interface Branch {
  readonly name: string;
  readonly tip: string;
}

/**
 * Each fetch adds a pack, each pack adds about 0.1 ms to each look for what is not there, and libgit2 cannot repack: with
 * more of them (two files each) a mirror is made anew when its process starts.
 */
const maxPacks = 1_000;

/** A repository's warm bare mirror. One process at a time holds it. */
export class Mirror {
  readonly #directory: string;
  #idle: Repository[] = [];
  readonly #fetches = new Serial();
  /** When the last fetch of each branch began, by the monotonic clock. */
  readonly #begun = new Map<string, number>();
  /** Where each branch was when it was last seen. */
  readonly #tips = new Map<string, string>();
  /** The last fetch of each branch, for those who need no newer one. */
  readonly #recent = new Map<string, Promise<Branch | 'tag' | undefined>>();
  #opened: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Lends a handle of its own to each piece of work: an object of libgit2's is for one thread at a time
   * (https://github.com/libgit2/libgit2/blob/main/docs/threading.md), and a question must not wait for a push.
   */
  async with<T>(work: (repository: Repository) => Promise<T>): Promise<T> {
    this.#opened ??= this.#prepare().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    await this.#opened;
    const idle = this.#idle;
    const repository = idle.pop() ?? (await nodegit.Repository.openBare(this.#directory));
    const result = await work(repository);
    // Only after success, since a handle that saw a failure may be in a broken state; and onto the list it came from,
    // which is no longer ours when the mirror was made anew meanwhile.
    idle.push(repository);
    return result;
  }

  /**
   * Fetches one branch (without a name: the one that the remote's HEAD points at). Undefined when the remote has no
   * such branch, and `tag` when it has a tag of that name instead.
   */
  fetch(remote: Remote, branch: string | undefined, signs: Signs): Promise<Branch | 'tag' | undefined> {
    return this.#fetches.run(() => {
      const key = branch ?? '';
      this.#begun.set(key, performance.now());
      const fetched = this.with(async (repository) => {
        const found = await fetchBranch(repository, remote, branch, signs);
        if (found && found !== 'tag') this.#tips.set(found.name, found.tip);
        return found;
      });
      this.#recent.set(key, fetched);
      // What failed serves nobody.
      fetched.catch(() => this.#recent.get(key) === fetched && this.#recent.delete(key));
      return fetched;
    });
  }

  /** The branch as the last fetch found it, if that began no longer ago than this; else as a new one finds it. */
  recent(
    remote: Remote,
    branch: string | undefined,
    withinMs: number,
    signs: Signs,
  ): Promise<Branch | 'tag' | undefined> {
    const known = this.#recent.get(branch ?? '');
    if (known && this.sinceFetch(branch) < withinMs) return known;
    return this.fetch(remote, branch, signs);
  }

  /** Where the branch was when it was last fetched or pushed to; undefined when that is not known. */
  tip(branch: string): string | undefined {
    return this.#tips.get(branch);
  }

  /** Notes where the branch is now, or that it is known no longer. */
  moved(branch: string, tip: string | undefined): void {
    if (tip === undefined) this.#tips.delete(branch);
    else this.#tips.set(branch, tip);
  }

  /** How long ago the last fetch of this branch began, in milliseconds. */
  sinceFetch(branch: string | undefined): number {
    return performance.now() - (this.#begun.get(branch ?? '') ?? Number.NEGATIVE_INFINITY);
  }

  /** Deletes what is there. The next work begins with an empty mirror. */
  async discard(): Promise<void> {
    this.#idle = [];
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
      if (packs.length > 2 * maxPacks) throw new RangeError(`${packs.length} files of packs`);
    } catch {
      await rm(this.#directory, { recursive: true, force: true });
      await nodegit.Repository.init(this.#directory, 1);
    }
    await removeLeftovers(this.#directory);
    const config = await (await open()).config();
    // libgit2 then follows a redirect on the same host only. To another it would take the credentials along, and their
    // callback is not told where it is asked from.
    await config.setString('http.followRedirects', 'false');
  }
}

/** The private name under which a branch is kept. A hash: `a` may give way to `a/b`, which no two refs can be called. */
function privateRef(branch: string): string {
  return `refs/k8sta/${createHash('sha256').update(branch).digest('hex').slice(0, 32)}`;
}

async function fetchBranch(
  repository: Repository,
  address: Remote,
  wanted: string | undefined,
  signs: Signs,
): Promise<Branch | 'tag' | undefined> {
  if (wanted !== undefined && !nodegit.Reference.isValidName(wanted)) return undefined;
  const { remote, options, refs } = await connect(repository, address, nodegit.Enums.DIRECTION.FETCH, signs);
  const name = wanted ?? (await orMissing(remote.defaultBranch()))?.toString();
  const tip = name === undefined ? undefined : refs.get(name);
  if (name === undefined || tip === undefined) {
    await remote.disconnect();
    return refs.has(`${name}`.replace(/^refs\/heads\//, 'refs/tags/')) ? 'tag' : undefined;
  }
  const downloadTags = nodegit.Remote.AUTOTAG_OPTION.DOWNLOAD_TAGS_NONE;
  // On the same connection, whose advertised tip it is: no second look at the remote is needed.
  await remote.fetch([`+${name}:${privateRef(name)}`], { ...options, downloadTags, updateFetchhead: 0 }, 'k8sta');
  signs.local();
  return { name, tip };
}

/** A worker that was killed leaves lock files, which nobody would ever take away, and half a pack. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const leftover = entry.name.endsWith('.lock') || /^(pack_git2_|tmp_)/.test(entry.name);
    if (entry.isFile() && leftover) await rm(join(entry.parentPath, entry.name), { force: true });
  }
}
