import nodegit, { type Commit, type Repository } from 'nodegit';
import type { Progress } from './connection.js';
import { orMissing } from './files.js';
import { maxBytes } from './objects.js';
import { type WalkedCommit, walkOf } from './walk.js';

/**
 * The commits in the history of `tip` and not in that of `base`, newest first, parents after children. Without a base: all commits,
 * newest first by the committer's clock.
 */
export async function* commitsBetween(
  repository: Repository,
  { base, tip }: { base?: string | undefined; tip: string },
  progress: Progress,
): AsyncGenerator<WalkedCommit> {
  const walk = await walkOf(repository, base, tip);
  for (let at = 0; ; at++) {
    if (at === walk.commits.length) {
      if (!(await walk.more())) return;
      progress.alive();
    }
    const commit = walk.commits[at];
    if (!commit) return;
    yield commit;
  }
}

/** The oldest of these commits that was made for this promotion part. */
export async function findPromotion(commits: AsyncIterable<WalkedCommit>, part: string): Promise<string | undefined> {
  let found: string | undefined;
  for await (const { sha, promotion } of commits) if (promotion === part) found = sha;
  return found;
}

/** The commits made since then, newest first. The clocks of committers differ, so it stops only after many older commits. */
export async function* commitsSince(commits: AsyncIterable<WalkedCommit>, since: Date): AsyncGenerator<WalkedCommit> {
  let older = 0;
  for await (const commit of commits) {
    yield commit;
    older = commit.timeMs < since.getTime() ? older + 1 : 0;
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

/** How many commits a search for an old change looks through. Further down, it is not found. */
export const maxLooked = 5_000;

/** No more than the first so many. */
export async function* first<T>(most: number, all: AsyncIterable<T>): AsyncGenerator<T> {
  let left = most;
  for await (const each of all) {
    if (left-- <= 0) return;
    yield each;
  }
}

/**
 * The newest commit after `base` that made the file what it is at the tip, for `read`. If no commit did, because a merge
 * chose the older one of two values, it is that merge. Undefined if the change is further down than {@link maxLooked}.
 */
export async function lastChangeOf(
  repository: Repository,
  file: string,
  read: (text: string) => string | undefined,
  range: { base?: string | undefined; tip: string },
  progress: Progress,
): Promise<Commit | undefined> {
  const at = valuesOf(repository, file, read);
  const last = await at(range.tip);
  let merge: Commit | undefined;
  for await (const { sha } of first(maxLooked, commitsBetween(repository, range, progress))) {
    if ((await at(sha)) !== last) continue;
    const commit = await repository.getCommit(sha);
    const before = await Promise.all(commit.parents().map((parent) => at(parent.tostrS())));
    // A merge that brings in the change agrees with one of its parents: the change was made elsewhere.
    if (before.every((each) => each !== last)) return commit;
    if (before.some((each) => each !== last)) merge = commit;
  }
  // Later merges bring it to older branches: the oldest is the one that chose. Without a base, it may be any old merge.
  return range.base === undefined ? undefined : merge;
}

/** What `read` finds in the file of a commit; each commit and each text is read once. */
function valuesOf(
  repository: Repository,
  file: string,
  read: (text: string) => string | undefined,
): (commit: string) => Promise<string | undefined> {
  const values = new Map<string, string | undefined>();
  const blobs = new Map<string, Promise<string | undefined>>();
  return async (commit) => {
    const at = blobs.get(commit) ?? blobAt(repository, commit, file);
    blobs.set(commit, at);
    const blob = await at;
    if (blob === undefined) return undefined;
    if (!values.has(blob)) {
      const found = await repository.getBlob(blob);
      values.set(blob, found.rawsize() > maxBytes ? undefined : read(found.toString()));
    }
    return values.get(blob);
  };
}

async function blobAt(repository: Repository, commit: string, file: string): Promise<string | undefined> {
  const tree = await (await repository.getCommit(commit)).getTree();
  const entry = await orMissing(tree.entryByPath(file));
  return entry?.isBlob() ? entry.sha() : undefined;
}
