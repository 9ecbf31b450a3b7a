import { createHash } from 'node:crypto';
import nodegit, { type Repository } from 'nodegit';
import { connect, type Progress } from './connection.js';
import { orMissing } from './files.js';
import { hasCommit } from './history.js';
import { Serial } from './in-turn.js';
import { openMirror, removeMirror } from './mirror-upkeep.js';
import type { Remote } from './protocol.js';

/** A branch and its tip, as the remote reported it. */
export interface Branch {
  readonly name: string;
  readonly tip: string;
}

/** Said when a mirror had to be thrown away. */
export const fetchedAgain = 'the mirror cannot be used and is fetched again';

/** The warm bare mirror of a repository. One process at a time holds it. */
export class Mirror {
  readonly #directory: string;
  #idle: Repository[] = [];
  /** Counts how often the mirror was closed. */
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
  /** Why the mirror was replaced by an empty one, until a fetch has said so. */
  #replaced: string | undefined;

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
    this.#opened ??= openMirror(this.#directory).then(
      (why) => {
        this.#replaced = why;
      },
      (error: unknown) => {
        this.#opened = undefined;
        throw error;
      },
    );
    await this.#opened;
    const generation = this.#generation;
    const repository = this.#idle.pop() ?? (await nodegit.Repository.openBare(this.#directory));
    this.#lent.set(repository, generation);
    return repository;
  }

  /** Takes a handle back, only after success: a handle may be broken after a failure, or the mirror may be closed. */
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
        if (branch !== undefined) await offerTip(repository, branch, this.#tips.get(branch));
        if (this.#replaced !== undefined) progress.note?.(`${fetchedAgain}: ${this.#replaced}`);
        this.#replaced = undefined;
        const found = await withNotes(progress, (noting) => fetchBranch(repository, remote, branch, noting));
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
    this.close();
    await removeMirror(this.#directory);
  }

  /** Forgets everything in memory. The next piece of work opens the mirror again, which bounds its files. */
  close(): void {
    this.#idle = [];
    this.#generation++;
    this.#recent.clear();
    this.#tips.clear();
    this.#opened = undefined;
  }
}

/** The private ref of a branch. A hash, because a branch `a` may be replaced by `a/b`, and two refs cannot have these names. */
function privateRef(branch: string): string {
  return `refs/k8sta/${createHash('sha256').update(branch).digest('hex').slice(0, 32)}`;
}

/** The first note about a fetch comes once it takes long, and then one every ten seconds. */
const noteMs = { first: 2_000, next: 10_000 };

/** Notes how far a fetch is while it takes long. */
async function withNotes<T>(progress: Progress, fetch: (progress: Progress) => Promise<T>): Promise<T> {
  let soFar = '';
  const note = () => progress.note?.(`the repository is being fetched${soFar}`);
  const timers = [setTimeout(note, noteMs.first), setInterval(note, noteMs.next)];
  try {
    return await fetch({
      contact: () => progress.contact(),
      alive: () => progress.alive(),
      local: () => progress.local(),
      received(objects, total) {
        soFar = `: ${objects} of ${total} objects so far`;
      },
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/**
 * A fetch offers the server only what refs point at: without our own commits, which a push does not fetch, the server
 * would send them again.
 */
async function offerTip(repository: Repository, branch: string, tip: string | undefined): Promise<void> {
  if (tip === undefined || !(await hasCommit(repository, tip))) return;
  await nodegit.Reference.create(repository, privateRef(branch), nodegit.Oid.fromString(tip), 1, 'k8sta');
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
