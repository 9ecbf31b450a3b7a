import nodegit, { type Repository } from 'nodegit';
import { commitMessage } from '../message.js';
import { type Part, type Pushed, refuse } from '../part.js';
import { planEdits } from '../target/plan-edits.js';
import { connect, type Signs } from './connection.js';
import { treeOf } from './files.js';
import type { Author, Remote } from './protocol.js';
import { readVerdict } from './verdict.js';

export interface PushOrder {
  readonly remote: Remote;
  readonly part: Part;
  readonly branch: string;
  /** The fetched tip that the commit is made on. */
  readonly onto: string;
  readonly author: Author;
}

/** Makes the one commit on top of `onto` and pushes it, never with force. */
export async function commitAndPush(repository: Repository, order: PushOrder, signs: Signs): Promise<Pushed> {
  const commit = await commitOnto(repository, order);
  if (typeof commit !== 'string') return commit;
  const { remote, callbacks, refs, words } = await connect(
    repository,
    order.remote,
    nodegit.Enums.DIRECTION.PUSH,
    signs,
  );
  // The push on this connection sends what the server advertised on it as the old value, and the server compares under
  // its lock: whatever becomes of the branch from here on, it is refused. Only a branch that is gone already has to be
  // seen by us, because the old value would then be "none", which creates it.
  const tip = refs.get(order.branch);
  if (tip !== order.onto) {
    await remote.disconnect();
    return { is: 'lost', why: tip === undefined ? 'the branch is gone' : `the branch has moved to ${tip}` };
  }
  try {
    await remote.push([`${commit}:${order.branch}`], { callbacks });
  } catch (error) {
    if ((error as { errno?: number }).errno !== nodegit.Error.CODE.ENONFASTFORWARD) throw error;
    return { is: 'lost', why: (error as Error).message };
  }
  const verdict = readVerdict(words.refs.get(order.branch), words.sideband);
  switch (verdict.is) {
    case 'taken':
      return { is: 'pushed', commit };
    case 'lost':
      return { is: 'lost', why: verdict.why };
    case 'refused':
      return refuse('RefRefused', verdict.why);
    default:
      throw new TypeError(`no such verdict: ${JSON.stringify(verdict satisfies never)}`);
  }
}

async function commitOnto(repository: Repository, { part, onto, author }: PushOrder): Promise<string | Pushed> {
  const tree = await treeOf(repository, onto);
  const edits = await planEdits(tree, part);
  if (edits.is === 'refused') return edits;
  if (edits.is === 'changed' || edits.files.size === 0) return { is: 'lost', why: 'the files have changed meanwhile' };
  const updates = await Promise.all(
    [...edits.files].map(async ([path, text]) => ({
      action: 0 as const,
      path,
      id: await repository.createBlobFromBuffer(Buffer.from(text)),
      filemode: (await tree.git.entryByPath(path)).filemode(),
    })),
  );
  const edited = await tree.git.createUpdated(repository, updates.length, updates);
  const signature = nodegit.Signature.now(author.name, author.email);
  // On no ref: until the server has taken it, it is nobody's.
  const commit = await repository.createCommit(null as never, signature, signature, commitMessage(part), edited, [
    nodegit.Oid.fromString(onto),
  ]);
  return commit.tostrS();
}
