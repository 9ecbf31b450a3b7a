import nodegit, { type Repository, type Revwalk } from 'nodegit';
import { promotionOf } from '../../commit-message.js';

/**
 * What a walk keeps of a commit. It is not nodegit's own object, which holds native memory that V8 does not count: a
 * walk through the commits of some busy minutes would keep hundreds of megabytes until the next garbage collection.
 */
export interface WalkedCommit {
  readonly sha: string;
  readonly timeMs: number;
  /** The promotion part that its trailer names. */
  readonly promotion: string | undefined;
}

/** How many commits are read at once. Few at first: the newest are mostly enough. */
const chunks = { first: 64, most: 1_024 };

/** A longer walk is not kept. */
const maxKept = 16_384;

/** The last walks of each handle: parts that are planned together look through the same commits. */
const lastWalks = new WeakMap<Repository, { whole?: Walk; since?: Walk }>();

/** The walk through the history of `tip` without that of `base`. Without a base: through the whole history. */
export async function walkOf(repository: Repository, base: string | undefined, tip: string): Promise<Walk> {
  const last = lastWalks.get(repository) ?? {};
  lastWalks.set(repository, last);
  const kind = base === undefined ? 'whole' : 'since';
  const known = last[kind];
  // A long history stays in memory no longer than its walk.
  const isKept = known !== undefined && known.base === base && known.commits.length <= maxKept;
  if (isKept && (known.tip === tip || (await known.continueFrom(tip)))) return known;
  const walk = new Walk(repository, base, tip);
  last[kind] = walk;
  return walk;
}

/** A walk through a history, with the commits that it has read so far. One job at a time uses it. */
export class Walk {
  readonly base: string | undefined;
  readonly #repository: Repository;
  readonly #walk: Revwalk;
  #tip: string;
  #commits: WalkedCommit[] = [];
  #chunk = chunks.first;
  #isOver = false;

  constructor(repository: Repository, base: string | undefined, tip: string) {
    this.base = base;
    this.#repository = repository;
    this.#tip = tip;
    this.#walk = revwalk(repository, base, tip);
  }

  get tip(): string {
    return this.#tip;
  }

  /** What was read so far: newest first by the committer's clock; with a base, parents after children. */
  get commits(): readonly WalkedCommit[] {
    return this.#commits;
  }

  /** Reads one more chunk; false if there is none. */
  async more(): Promise<boolean> {
    if (this.#isOver) return false;
    const read = await readChunk(this.#walk, this.#chunk);
    this.#isOver = read.length < this.#chunk;
    this.#chunk = Math.min(this.#chunk * 2, chunks.most);
    this.#commits.push(...read);
    return true;
  }

  /**
   * Makes it the walk from a newer tip, without reading again what it has read: a busy branch moves all the time, and each
   * plan looks through its commits of the last minutes. False if that is not possible, because the branch was rewritten,
   * or many commits are new, or some of them belong below the commits that were read.
   */
  async continueFrom(tip: string): Promise<boolean> {
    const oldest = this.#commits.at(-1);
    if (this.base !== undefined || !oldest) return false;
    const { Graph, Oid } = nodegit;
    const isNewer = await Graph.descendantOf(this.#repository, Oid.fromString(tip), Oid.fromString(this.#tip));
    if (isNewer !== 1) return false;
    const added = await readChunk(revwalk(this.#repository, this.#tip, tip), chunks.most);
    if (added.length === chunks.most || added.some(({ timeMs }) => timeMs < oldest.timeMs)) return false;
    this.#tip = tip;
    this.#commits = merged(added, this.#commits);
    return true;
  }
}

function revwalk(repository: Repository, base: string | undefined, tip: string): Revwalk {
  const walk = repository.createRevWalk();
  // Unless commits are hidden, libgit2 reads the whole history first for every order but the default one.
  walk.sorting(base === undefined ? nodegit.Revwalk.SORT.NONE : nodegit.Revwalk.SORT.TOPOLOGICAL);
  walk.push(nodegit.Oid.fromString(tip));
  if (base !== undefined) walk.hide(nodegit.Oid.fromString(base));
  return walk;
}

async function readChunk(walk: Revwalk, size: number): Promise<WalkedCommit[]> {
  const commits = await walk.commitWalk(size);
  return commits.map((commit) => ({
    sha: commit.sha(),
    timeMs: commit.timeMs(),
    promotion: promotionOf(commit.message()),
  }));
}

/** Both lists in one, each in its own order; where there is a choice, the newer commit is first. */
function merged(added: readonly WalkedCommit[], known: readonly WalkedCommit[]): WalkedCommit[] {
  const result: WalkedCommit[] = [];
  let at = 0;
  for (const commit of added) {
    for (let next = known[at]; next && next.timeMs > commit.timeMs; next = known[++at]) result.push(next);
    result.push(commit);
  }
  return [...result, ...known.slice(at)];
}
