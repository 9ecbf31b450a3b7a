import nodegit, { type Commit, type Repository } from 'nodegit';
import { promotionOf } from '../../commit-message.js';
import type { Signs } from './connection.js';
import { orMissing } from './files.js';

/** How many commits are read at once, between two signs of life: few at first, since mostly the newest are enough. */
const chunks = { first: 64, most: 1_024 };

/**
 * The commits that `tip` has and `base` has not, newest first, parents after children. Without a base: all of them,
 * newest first by the committer's clock.
 */
export async function* commitsBetween(
  repository: Repository,
  { base, tip }: { base?: string | undefined; tip: string },
  signs: Signs,
): AsyncGenerator<Commit> {
  const walk = repository.createRevWalk();
  // Any order but the default one makes libgit2 read the whole history first, unless something is hidden.
  walk.sorting(base === undefined ? nodegit.Revwalk.SORT.NONE : nodegit.Revwalk.SORT.TOPOLOGICAL);
  walk.push(nodegit.Oid.fromString(tip));
  if (base !== undefined) walk.hide(nodegit.Oid.fromString(base));
  for (let chunk = chunks.first; ; chunk = Math.min(chunk * 2, chunks.most)) {
    const commits = await walk.commitWalk(chunk);
    signs.progress();
    yield* commits;
    if (commits.length < chunk) return;
  }
}

/** The oldest of these commits that was made for this promotion part. */
export async function findPromotion(commits: AsyncIterable<Commit>, part: string): Promise<Commit | undefined> {
  let found: Commit | undefined;
  for await (const commit of commits) if (promotionOf(commit.message()) === part) found = commit;
  return found;
}

/** The commits made since then, seen from the tip; clocks of committers differ, so a few older ones do not end it. */
export async function* commitsSince(commits: AsyncIterable<Commit>, since: Date): AsyncGenerator<Commit> {
  let older = 0;
  for await (const commit of commits) {
    yield commit;
    older = commit.timeMs() < since.getTime() ? older + 1 : 0;
    if (older > 50) return;
  }
}

/** Whether `ancestor` is `commit` or lies in its past. */
export async function contains(repository: Repository, commit: string, ancestor: string): Promise<boolean> {
  if (commit === ancestor) return true;
  const { Graph, Oid } = nodegit;
  return (await Graph.descendantOf(repository, Oid.fromString(commit), Oid.fromString(ancestor))) === 1;
}

/** The newest commit after `base` that made the file say something else, as `read` reads it, than all of its parents. */
export async function lastChangeOf(
  repository: Repository,
  file: string,
  read: (text: string) => string | undefined,
  range: { base: string; tip: string },
  signs: Signs,
): Promise<Commit | undefined> {
  const said = new Map<string, string | undefined>();
  const at = async (commit: string): Promise<string | undefined> => {
    const blob = await blobAt(repository, commit, file);
    if (blob === undefined) return undefined;
    if (!said.has(blob)) said.set(blob, read((await repository.getBlob(blob)).toString()));
    return said.get(blob);
  };
  for await (const commit of commitsBetween(repository, range, signs)) {
    const now = await at(commit.sha());
    const before = await Promise.all(commit.parents().map((parent) => at(parent.tostrS())));
    // A merge that only brings the change in agrees with one of its parents: it is not where the change was made.
    if (before.every((each) => each !== now)) return commit;
  }
  return undefined;
}

async function blobAt(repository: Repository, commit: string, file: string): Promise<string | undefined> {
  const tree = await (await repository.getCommit(commit)).getTree();
  return (await orMissing(tree.entryByPath(file)))?.sha();
}
