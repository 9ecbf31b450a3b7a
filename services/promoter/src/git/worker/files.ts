import type { Entry, Tree, Trees } from '@k8sta/edits';
import nodegit, { type Tree as GitTree, type Repository } from 'nodegit';
import type { Part } from '../../part.js';

/** A larger file is not read. */
export const maxBytes = 1024 * 1024;

/** The files of one commit, read from the object database. */
export async function treeOf(repository: Repository, commit: string): Promise<Tree & { git: GitTree }> {
  const git = await (await repository.getCommit(commit)).getTree();
  const seen = new Map<string, Promise<Entry | undefined>>();
  return {
    git,
    entry(path) {
      const known = seen.get(path) ?? read(repository, git, path);
      seen.set(path, known);
      return known;
    },
    list: (path) => namesIn(repository, git, path),
  };
}

/** The names in a directory; empty where there is none. */
async function namesIn(repository: Repository, tree: GitTree, path: string): Promise<string[]> {
  const entry = path === '' ? undefined : await orMissing(tree.entryByPath(path));
  if (path !== '' && !entry?.isTree()) return [];
  // Not entry.getTree(), for the same reason as below.
  const directory = entry ? await repository.getTree(entry.id()) : tree;
  return directory
    .entries()
    .map((each) => each.name())
    .sort();
}

/** What a plan reads: the files that are edited, and those of the other repositories and revisions that were fetched. */
export function treesOf(repository: Repository, main: Tree, { elsewhere = [] }: Pick<Part, 'elsewhere'>): Trees {
  return {
    main,
    async elsewhere(at) {
      const found = elsewhere.find((each) => each.repository === at.repository && each.revision === at.revision);
      return found && treeOf(repository, found.commit);
    },
  };
}

async function read(repository: Repository, tree: GitTree, path: string): Promise<Entry | undefined> {
  if (path === '') return { is: 'directory' };
  const entry = await orMissing(tree.entryByPath(path));
  if (!entry) return undefined;
  const mode = entry.filemode();
  if (mode === nodegit.TreeEntry.FILEMODE.TREE) return { is: 'directory' };
  if (mode === nodegit.TreeEntry.FILEMODE.COMMIT) return { is: 'link' };
  // Not entry.getBlob(): it fails after entryByPath, because the entry does not know its repository.
  const blob = await repository.getBlob(entry.id());
  if (mode === nodegit.TreeEntry.FILEMODE.LINK)
    return { is: 'link', target: blob.content().toString('utf8', 0, 4_096) };
  if (blob.rawsize() > maxBytes) return { is: 'opaque', why: `has more than ${maxBytes} bytes` };
  try {
    return { is: 'file', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(blob.content()) };
  } catch {
    return { is: 'opaque', why: 'is not UTF-8 text' };
  }
}

/** Undefined if libgit2 says that the object does not exist. */
export async function orMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if ((error as { errno?: number }).errno === nodegit.Error.CODE.ENOTFOUND) return undefined;
    throw error;
  }
}
