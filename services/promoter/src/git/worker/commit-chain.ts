import { planEdits } from '@k8sta/edits';
import nodegit, { type Repository } from 'nodegit';
import { commitMessage } from '../../commit-message.js';
import type { Part, Pushed } from '../../part.js';
import type { Progress } from './connection.js';
import { treeOf, treesOf } from './files.js';
import { commitsBetween, contains, hasCommit } from './history.js';
import { inTurn } from './in-turn.js';
import { planPart } from './plan-part.js';
import type { CommitStyle } from './protocol.js';
import { signCommit } from './signature.js';

/** The commits of one push, each on top of the one before. They are in the mirror, and no ref points at them. */
export interface Chain {
  /** The outcome of each part if the server accepts the push. */
  readonly outcomes: Pushed[];
  readonly commits: number;
  /** The commit below them. */
  readonly base: string;
  readonly tip: string;
  /** The parts, in order. */
  readonly ids: readonly string[];
}

export interface ChainRequest extends CommitStyle {
  readonly parts: readonly Part[];
  readonly branch: string;
  /** These parts were just planned on the same commit, and none of them was there. */
  readonly isNew?: boolean;
}

/** Plans each part again on this tip, and makes its commit if nobody else changed the line in the meantime. */
export async function commitChain(
  repository: Repository,
  { parts, branch, isNew = false, ...style }: ChainRequest,
  onto: string,
  progress: Progress,
): Promise<Chain> {
  const landed = landedSince(repository, onto, isNew, progress);
  let tip = onto;
  let commits = 0;
  const outcomes = await inTurn(parts, async (part): Promise<Pushed> => {
    const tree = await treeOf(repository, tip);
    const edits = await planEdits(treesOf(repository, tree, part), part);
    const files = edits.is === 'planned' && edits.files.size > 0 ? edits.files : undefined;
    if (!files || (await landed(part)) !== false) {
      const plan = await planPart(repository, part, { name: branch, tip }, progress);
      if (plan.is !== 'ready') return plan;
    }
    if (edits.is !== 'planned' || !files) throw new Error(`two plans of ${part.id} at ${tip} differ`);
    const message = commitMessage(part, edits.applications, style.message);
    tip = await makeCommit(repository, { message, tree, files, onto: tip }, style);
    commits++;
    return { is: 'pushed', commit: tip, applications: edits.applications };
  });
  return { outcomes, commits, base: onto, tip, ids: parts.map(({ id }) => id) };
}

/**
 * Returns a function that says whether a part's commit is in the history of this tip; undefined means that only a plan
 * can tell. One walk serves all parts that started at the same commit.
 */
function landedSince(
  repository: Repository,
  tip: string,
  isNew: boolean,
  progress: Progress,
): (part: Part) => Promise<boolean | undefined> {
  const walks = new Map<string, Promise<Set<string | undefined> | undefined>>();
  const made = new Set<string>();
  const walk = async (base: string): Promise<Set<string | undefined> | undefined> => {
    if (!(await hasCommit(repository, base)) || !(await contains(repository, tip, base))) return undefined;
    const found = new Set<string | undefined>();
    for await (const commit of commitsBetween(repository, { base, tip }, progress)) {
      found.add(commit.promotion);
    }
    return found;
  };
  return async ({ id, started }) => {
    if (!isNew) {
      if (!started) return undefined;
      const since = walks.get(started.base) ?? walk(started.base);
      walks.set(started.base, since);
      const found = await since;
      if (!found || found.has(id)) return found && true;
    }
    // One push may hold the same part twice. The second time, its commit is the one that was just made.
    if (made.has(id)) return true;
    made.add(id);
    return false;
  };
}

interface NewCommit {
  readonly message: string;
  readonly tree: Awaited<ReturnType<typeof treeOf>>;
  readonly files: ReadonlyMap<string, string>;
  readonly onto: string;
}

async function makeCommit(
  repository: Repository,
  { message, tree, files, onto }: NewCommit,
  { author, signingKey }: CommitStyle,
): Promise<string> {
  const updates = await Promise.all(
    [...files].map(async ([path, text]) => ({
      action: 0 as const,
      path,
      id: await repository.createBlobFromBuffer(Buffer.from(text)),
      filemode: (await tree.git.entryByPath(path)).filemode(),
    })),
  );
  const edited = await tree.git.createUpdated(repository, updates.length, updates);
  const signature = nodegit.Signature.now(author.name, author.email);
  const parents = [nodegit.Oid.fromString(onto)];
  const by = [signature, signature, message, edited, parents] as const;
  // No ref points at it before the server has accepted it.
  const nowhere = null as never;
  const commit =
    signingKey === undefined
      ? await repository.createCommit(nowhere, ...by)
      : await repository.createCommitWithSignature(nowhere, ...by, async (text) => ({
          code: nodegit.Error.CODE.OK,
          field: 'gpgsig',
          signedData: await signCommit(text, signingKey),
        }));
  return commit.tostrS();
}
