import nodegit, { type Commit, type Repository } from 'nodegit';
import { promotionOf } from '../../commit-message.js';
import type { Progress } from './connection.js';
import { orMissing } from './files.js';

/** How many commits are read at once before the worker reports progress. Few at first: the newest are mostly enough. */
const chunks = { first: 64, most: 1_024 };

/** A walk of more chunks, about a thousand commits, is not kept. */
const maxKept = 4;

/**
 * The commits in the history of `tip` and not in that of `base`, newest first, parents after children. Without a base: all commits,
 * newest first by the committer's clock.
 */
export async function* commitsBetween(
  repository: Repository,
  { base, tip }: { base?: string | undefined; tip: string },
  progress: Progress,
): AsyncGenerator<Commit> {
  const walk = walkOf(repository, base, tip);
  for (let at = 0; ; at++) {
    if (at === walk.read.length && !(await walk.more())) return;
    progress.alive();
    yield* walk.read[at] ?? [];
  }
}

/** A walk with the chunks of commits that it has read so far. */
interface Walk {
  readonly key: string;
  readonly read: Commit[][];
  /** Reads one more chunk; false if there is none. */
  more(): Promise<boolean>;
}

/** The last walk of each handle: parts that are planned together look through the same commits. */
const lastWalks = new WeakMap<Repository, Walk>();

function walkOf(repository: Repository, base: string | undefined, tip: string): Walk {
  const key = `${base}..${tip}`;
  const last = lastWalks.get(repository);
  if (last?.key === key) return last;
  const walk = repository.createRevWalk();
  // Unless commits are hidden, libgit2 reads the whole history first for every order but the default one.
  walk.sorting(base === undefined ? nodegit.Revwalk.SORT.NONE : nodegit.Revwalk.SORT.TOPOLOGICAL);
  walk.push(nodegit.Oid.fromString(tip));
  if (base !== undefined) walk.hide(nodegit.Oid.fromString(base));
  let chunk = chunks.first;
  let isOver = false;
  const read: Commit[][] = [];
  const made: Walk = {
    key,
    read,
    async more() {
      if (isOver) return false;
      const commits = await walk.commitWalk(chunk);
      isOver = commits.length < chunk;
      chunk = Math.min(chunk * 2, chunks.most);
      read.push(commits);
      // A long history stays in memory no longer than its walk.
      if (read.length === maxKept) lastWalks.delete(repository);
      return true;
    },
  };
  lastWalks.set(repository, made);
  return made;
}

/** The oldest of these commits that was made for this promotion part. */
export async function findPromotion(commits: AsyncIterable<Commit>, part: string): Promise<Commit | undefined> {
  let found: Commit | undefined;
  for await (const commit of commits) if (promotionOf(commit.message()) === part) found = commit;
  return found;
}

/** The commits made since then, newest first. The clocks of committers differ, so it stops only after many older commits. */
export async function* commitsSince(commits: AsyncIterable<Commit>, since: Date): AsyncGenerator<Commit> {
  let older = 0;
  for await (const commit of commits) {
    yield commit;
    older = commit.timeMs() < since.getTime() ? older + 1 : 0;
    if (older > 50) return;
  }
}

/** Whether the mirror has this commit. */
export async function hasCommit(repository: Repository, commit: string): Promise<boolean> {
  return (await orMissing(nodegit.Commit.lookup(repository, nodegit.Oid.fromString(commit)))) !== undefined;
}

/** Whether `ancestor` is `commit` or is in its history. */
export async function contains(repository: Repository, commit: string, ancestor: string): Promise<boolean> {
  if (commit === ancestor) return true;
  const { Graph, Oid } = nodegit;
  return (await Graph.descendantOf(repository, Oid.fromString(commit), Oid.fromString(ancestor))) === 1;
}

/** The newest commit after `base` in which `read` finds something else in the file than in all of its parents. */
export async function lastChangeOf(
  repository: Repository,
  file: string,
  read: (text: string) => string | undefined,
  range: { base: string; tip: string },
  progress: Progress,
): Promise<Commit | undefined> {
  const values = new Map<string, string | undefined>();
  const at = async (commit: string): Promise<string | undefined> => {
    const blob = await blobAt(repository, commit, file);
    if (blob === undefined) return undefined;
    if (!values.has(blob)) values.set(blob, read((await repository.getBlob(blob)).toString()));
    return values.get(blob);
  };
  for await (const commit of commitsBetween(repository, range, progress)) {
    const now = await at(commit.sha());
    const before = await Promise.all(commit.parents().map((parent) => at(parent.tostrS())));
    // A merge that brings in the change agrees with one of its parents: the change was made elsewhere.
    if (before.every((each) => each !== now)) return commit;
  }
  return undefined;
}

async function blobAt(repository: Repository, commit: string, file: string): Promise<string | undefined> {
  const tree = await (await repository.getCommit(commit)).getTree();
  return (await orMissing(tree.entryByPath(file)))?.sha();
}
