import { LRUCache } from 'lru-cache';
import { GitError, git } from '../../git/command.js';
import type { Author } from '../../git/fast-import.js';

/** What git found for commits of a repository: it finds the same again. */
const answers = new LRUCache<string, Promise<unknown>>({ max: 1_000 });

function once<T>(key: string, ask: () => Promise<T>): Promise<T> {
  const known = answers.get(key);
  if (known) return known as Promise<T>;
  const answer = ask();
  answers.set(key, answer);
  answer.catch(() => answers.delete(key));
  return answer;
}

/** What git prints; undefined if its answer is no. Some versions exit with 1 also if they cannot read a commit, and say so. */
async function answer(directory: string, ...args: string[]): Promise<string | undefined> {
  try {
    return (await git(args, { directory })).trim();
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1 && error.stderr === '') return undefined;
    throw error;
  }
}

/** Where the histories of two commits part; undefined if they have nothing in common. */
export function mergeBase(directory: string, ...commits: [string, string]): Promise<string | undefined> {
  const key = `base ${directory} ${commits.toSorted().join(' ')}`;
  return once(key, () => answer(directory, 'merge-base', ...commits));
}

export async function isAncestor(directory: string, commit: string, of: string): Promise<boolean> {
  return (await mergeBase(directory, commit, of)) === commit;
}

/** Whether the repository has this commit. */
export async function isCommit(directory: string, commit: string): Promise<boolean> {
  if (!/^[0-9a-f]{40}$/.test(commit)) return false;
  const key = `commit ${directory} ${commit}`;
  const found = await once(key, () => answer(directory, 'cat-file', '-e', commit));
  // Somebody may push it later.
  if (found === undefined) answers.delete(key);
  return found !== undefined;
}

/** The tree of a merge, made without a checkout; undefined if the two conflict. */
export async function mergeTree(directory: string, ours: string, theirs: string): Promise<string | undefined> {
  if (await isAncestor(directory, ours, theirs)) return `${theirs}^{tree}`;
  return once(`tree ${directory} ${ours} ${theirs}`, () => tryMerge(directory, ours, theirs));
}

function tryMerge(directory: string, ours: string, theirs: string): Promise<string | undefined> {
  return answer(directory, 'merge-tree', '--write-tree', '--no-messages', ours, theirs);
}

export interface TreeCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Author;
  readonly authoredAt?: string;
  readonly committer: Author;
}

export async function commitTree(directory: string, commit: TreeCommit): Promise<string> {
  const parents = commit.parents.flatMap((parent) => ['-p', parent]);
  const made = await git(['commit-tree', commit.tree, ...parents], {
    directory,
    input: commit.message.endsWith('\n') ? commit.message : `${commit.message}\n`,
    environment: {
      GIT_AUTHOR_NAME: commit.author.name,
      GIT_AUTHOR_EMAIL: commit.author.email,
      ...(commit.authoredAt && { GIT_AUTHOR_DATE: commit.authoredAt }),
      GIT_COMMITTER_NAME: commit.committer.name,
      GIT_COMMITTER_EMAIL: commit.committer.email,
    },
  });
  return made.trim();
}

const tester = { name: 'Forge', email: 'noreply@forge.example.com' };

/** A merge commit that is on no branch; undefined if the two conflict. */
export function testMerge(directory: string, base: string, head: string): Promise<string | undefined> {
  return once(`test ${directory} ${base} ${head}`, async () => {
    const tree = await mergeTree(directory, base, head);
    const message = `Merge ${head} into ${base}`;
    return tree && commitTree(directory, { tree, parents: [base, head], message, author: tester, committer: tester });
  });
}

export interface HeadCommit {
  readonly sha: string;
  readonly parent: string;
  readonly author: Author;
  readonly authoredAt: string;
  readonly message: string;
}

/** The commits of the head that the base does not have, oldest first, without merges. */
export function commitsOf(directory: string, base: string, head: string): Promise<readonly HeadCommit[]> {
  return once(`commits ${directory} ${base} ${head}`, async () => {
    const format = '--format=%x1e%H%x1f%P%x1f%an%x1f%ae%x1f%aI%x1f%B';
    const range = `${base}..${head}`;
    const text = await git(['log', '--reverse', '--topo-order', '--no-merges', format, range], { directory });
    return text
      .split('\x1e')
      .slice(1)
      .map((record) => {
        const [sha = '', parent = '', name = '', email = '', authoredAt = '', message = ''] = record.split('\x1f');
        return { sha, parent, author: { name, email }, authoredAt, message: message.trimEnd() };
      });
  });
}

/** Copies the commits of the head onto the base. Returns the last copy; undefined if one conflicts. */
export async function rebase(
  directory: string,
  { base, head, committer }: { base: string; head: string; committer: Author },
): Promise<string | undefined> {
  let tip = base;
  for (const commit of await commitsOf(directory, base, head)) {
    const { message, author, authoredAt } = commit;
    // git merge-tree finds the merge base by itself: this commit has the files of our tip, but descends from the parent.
    const tree = `${tip}^{tree}`;
    const stand = await commitTree(directory, { tree, parents: [commit.parent], message, author, committer });
    const merged = await tryMerge(directory, stand, commit.sha);
    if (!merged) return undefined;
    tip = await commitTree(directory, { tree: merged, parents: [tip], message, author, authoredAt, committer });
  }
  return tip;
}
