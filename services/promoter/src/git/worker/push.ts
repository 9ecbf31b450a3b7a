import nodegit, { type Repository } from 'nodegit';
import { commitMessage, promotionOf } from '../../commit-message.js';
import { type Part, type Pushed, refuse } from '../../part.js';
import { planEdits } from '../../target/plan-edits.js';
import { type Connection, connect, type Signs } from './connection.js';
import { orMissing, treeOf } from './files.js';
import { commitsBetween, contains } from './history.js';
import type { Mirror } from './mirror.js';
import { planPart } from './plan-part.js';
import type { Author, Order } from './protocol.js';
import { readVerdict } from './push-result.js';

type PushOrder = Extract<Order, { op: 'push' }>;

/** How often the branch may be found somewhere else before anything was pushed: then the tracker is asked again first. */
const maxLooks = 3;

/**
 * Makes one commit for each part, each on top of the one before, and pushes them together, never with force. What the
 * branch is, the server says on the connection that the push then uses: between the two there is only the fetch of what
 * the mirror lacks.
 */
export async function pushParts(mirror: Mirror, order: PushOrder, signs: Signs): Promise<Pushed[]> {
  const { remote: address, branch } = order;
  const fetch = async () => {
    const found = await mirror.fetch(address, branch, signs);
    return found === 'tag' ? undefined : found?.tip;
  };
  return mirror.with(async (repository) => {
    for (let look = 1; look <= maxLooks; look++) {
      signs.local();
      const tip = mirror.tip(branch) ?? (await fetch());
      if (tip === undefined) return goneBranch(order);
      // Before the connection is opened, since mostly the branch is still where it was.
      const chain = await commitsOnto(repository, order, tip, signs);
      const connection = await connect(repository, address, nodegit.Enums.DIRECTION.PUSH, signs);
      const advertised = connection.refs.get(branch);
      if (advertised === tip) return pushChain(mirror, connection, order, chain, signs);
      // Fetched while the connection is open: nothing else lies between the server's word and our push.
      const fetched = advertised === undefined || (await has(repository, advertised)) ? advertised : await fetch();
      if (fetched === advertised && fetched !== undefined) {
        return pushChain(mirror, connection, order, await commitsOnto(repository, order, fetched, signs), signs);
      }
      await connection.remote.disconnect();
      if (fetched === undefined) return goneBranch(order);
    }
    return lost(order, 'the branch moves all the time');
  });
}

/** One after the other: an object of libgit2's is for one thread at a time. */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

interface Chain {
  /** What becomes of each part when the server takes the push. */
  readonly outcomes: Pushed[];
  readonly commits: number;
  readonly tip: string;
}

/** Sees each part again as it stands on this tip, and makes its commit where it is still ours to make. */
async function commitsOnto(repository: Repository, order: PushOrder, onto: string, signs: Signs): Promise<Chain> {
  const landed = landedSince(repository, onto, signs);
  let tip = onto;
  let commits = 0;
  const outcomes = await inTurn(order.parts, async (part): Promise<Pushed> => {
    const tree = await treeOf(repository, tip);
    const edits = await planEdits(tree, part);
    const files = edits.is === 'planned' && edits.files.size > 0 ? edits.files : undefined;
    if (!files || (await landed(part)) !== false) {
      const plan = await planPart(repository, part, { name: order.branch, tip }, signs);
      if (plan.is !== 'ready') return plan;
    }
    if (edits.is !== 'planned' || !files) throw new Error(`two looks at ${tip} for ${part.id} do not agree`);
    tip = await commitOnto(repository, { part, tree, files, onto: tip, author: order.author });
    commits++;
    return { is: 'pushed', commit: tip, applications: edits.applications };
  });
  return { outcomes, commits, tip };
}

/**
 * Tells of a part whether its commit is in the history of this tip, with one walk for all parts that began at the same
 * commit; undefined when it takes a closer look to tell.
 */
function landedSince(repository: Repository, tip: string, signs: Signs): (part: Part) => Promise<boolean | undefined> {
  const walks = new Map<string, Promise<Set<string | undefined> | undefined>>();
  const made = new Set<string>();
  const walk = async (base: string): Promise<Set<string | undefined> | undefined> => {
    if (!(await has(repository, base)) || !(await contains(repository, tip, base))) return undefined;
    const found = new Set<string | undefined>();
    for await (const commit of commitsBetween(repository, { base, tip }, signs))
      found.add(promotionOf(commit.message()));
    return found;
  };
  return async ({ id, started }) => {
    if (!started) return undefined;
    const since = walks.get(started.base) ?? walk(started.base);
    walks.set(started.base, since);
    const found = await since;
    // The same part may be in one push twice: the second time its commit is the one just made.
    if (!found || found.has(id) || made.has(id)) return found && true;
    made.add(id);
    return false;
  };
}

async function pushChain(
  mirror: Mirror,
  { remote, options, words }: Connection,
  order: PushOrder,
  chain: Chain,
  signs: Signs,
): Promise<Pushed[]> {
  if (chain.commits === 0) {
    await remote.disconnect();
    return chain.outcomes;
  }
  signs.contact();
  signs.progress();
  // Whatever becomes of it, the branch is not where we saw it any more; when it is lost, the next push fetches first.
  mirror.moved(order.branch, undefined);
  // What the server advertised on this connection is sent as the old value, and the server compares under its lock:
  // whatever becomes of the branch from here on, the push is refused.
  try {
    await remote.push([`${chain.tip}:${order.branch}`], options);
  } catch (error) {
    if ((error as { errno?: number }).errno !== nodegit.Error.CODE.ENONFASTFORWARD) throw error;
    return lost(order, (error as Error).message);
  }
  const verdict = readVerdict(words.refs.get(order.branch), words.sideband);
  switch (verdict.is) {
    case 'taken':
      mirror.moved(order.branch, chain.tip);
      return chain.outcomes;
    case 'lost':
      return lost(order, verdict.why);
    case 'refused':
      // What was decided on top of a commit that the server did not take was decided about nothing.
      if (order.parts.length > 1) return order.parts.map(() => ({ is: 'mixed', why: verdict.why }));
      return [refuse('RefRefused', verdict.why)];
    default:
      throw new TypeError(`no such verdict: ${JSON.stringify(verdict satisfies never)}`);
  }
}

/** A push would create it: its old value would be "none". */
function goneBranch({ parts, remote: { url }, branch }: PushOrder): Pushed[] {
  return parts.map(() => refuse('BranchMissing', `${url} has no ${branch}`));
}

function lost({ parts }: PushOrder, why: string): Pushed[] {
  return parts.map(() => ({ is: 'lost', why }));
}

async function has(repository: Repository, commit: string): Promise<boolean> {
  return (await orMissing(nodegit.Commit.lookup(repository, nodegit.Oid.fromString(commit)))) !== undefined;
}

interface NewCommit {
  readonly part: Part;
  readonly tree: Awaited<ReturnType<typeof treeOf>>;
  readonly files: ReadonlyMap<string, string>;
  readonly onto: string;
  readonly author: Author;
}

async function commitOnto(repository: Repository, { part, tree, files, onto, author }: NewCommit): Promise<string> {
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
  // On no ref: until the server has taken it, it is nobody's.
  const commit = await repository.createCommit(null as never, signature, signature, commitMessage(part), edited, [
    nodegit.Oid.fromString(onto),
  ]);
  return commit.tostrS();
}
