import nodegit, { type Commit, type Repository } from 'nodegit';
import type { Progress } from './connection.js';
import { orMissing } from './files.js';
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
  for await (const { sha } of commitsBetween(repository, range, progress)) {
    const commit = await repository.getCommit(sha);
    const now = await at(sha);
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
