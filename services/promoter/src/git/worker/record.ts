import { planEdits } from '@k8sta/edits';
import { sanitizeLine } from '@k8sta/text';
import type { Repository } from 'nodegit';
import { type Landed, type Part, type Refusal, refuse } from '../../part.js';
import type { Progress } from './connection.js';
import { treeOf, treesOf } from './files.js';
import { contains, findPromotion, first, hasCommit } from './history.js';
import type { Branch } from './mirror.js';
import { outcomesOf, recentCommits, whyRewritten } from './plan-part.js';

/** How many commits are searched for the one that brought the image, where neither the forge nor a trailer names it. */
const maxSearched = 300;

/**
 * The commit on the target branch that a merged pull request became: the one that the forge names; else the one with our
 * trailer, which a rebase keeps; else the first one whose files name the image. `missing` if the branch does not have it
 * yet: a forge may answer from a replica.
 */
export async function recordOf(
  repository: Repository,
  part: Part,
  branch: Branch,
  merged: string | undefined,
  progress: Progress,
): Promise<Landed | Refusal | { is: 'missing' }> {
  const { name, tip } = branch;
  const rewritten = await whyRewritten(repository, part, branch);
  if (rewritten) return rewritten;
  const isThere = merged !== undefined && (await isOn(repository, merged, tip));
  if (isThere && !(await namesAt(repository, part, merged))) return mergedSomethingElse(repository, merged);
  const ours = await findPromotion(recentCommits(repository, part, tip, progress), part.id);
  if (!isThere && ours === undefined && merged !== undefined) return { is: 'missing' };
  const naming = isThere ? [merged] : [];
  if (ours !== undefined && (await namesAt(repository, part, ours))) naming.push(ours);
  if (naming.length === 0) {
    const found = await firstNaming(repository, part, tip, progress);
    if (found !== undefined) naming.push(found);
  }
  const records = await Promise.all(
    naming.map(async (commit) => ({ commit, applications: await outcomesOf(repository, part, commit) })),
  );
  // The last of several rebased commits need not be the one that edits the files.
  const record = records.find(({ applications }) => applications.some(({ outcome }) => outcome === 'edited'));
  const best = record ?? records[0];
  return best ? { is: 'landed', branch: name, ...best } : { is: 'missing' };
}

async function isOn(repository: Repository, commit: string, tip: string): Promise<boolean> {
  return (await hasCommit(repository, commit)) && contains(repository, tip, commit);
}

/** Whether the files of this commit name the image, wherever it came from. */
async function namesAt(repository: Repository, { started: _, ...part }: Part, commit: string): Promise<boolean> {
  const edits = await planEdits(treesOf(repository, await treeOf(repository, commit), part), part);
  if (edits.is !== 'planned' || edits.files.size > 0) return false;
  return edits.applications.some(({ outcome }) => outcome === 'unchanged');
}

async function firstNaming(
  repository: Repository,
  part: Part,
  tip: string,
  progress: Progress,
): Promise<string | undefined> {
  let found: string | undefined;
  for await (const { sha } of first(maxSearched, recentCommits(repository, part, tip, progress))) {
    if (await namesAt(repository, part, sha)) found = sha;
    progress.alive();
  }
  return found;
}

async function mergedSomethingElse(repository: Repository, merged: string): Promise<Refusal> {
  const author = sanitizeLine((await repository.getCommit(merged)).author().toString(), 200);
  const message = `the pull request was merged as ${merged}, but the files do not name the image there: somebody changed the pull request`;
  return { ...refuse('ChangedByOther', message), commit: merged, author };
}
