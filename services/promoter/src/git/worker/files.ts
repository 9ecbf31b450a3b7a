import type { Entry, Tree, Trees } from '@k8sta/edits';
import nodegit, { type Tree as GitTree, type Repository } from 'nodegit';
import type { Part } from '../../part.js';
import { entryAt, namesAt } from './objects.js';

/** The files of one commit, read from the object database. */
export async function treeOf(repository: Repository, commit: string): Promise<Tree & { git: GitTree }> {
  const git = await (await repository.getCommit(commit)).getTree();
  const seen = new Map<string, Promise<Entry | undefined>>();
  return {
    git,
    entry(path) {
      const known = seen.get(path) ?? entryAt(repository, git, path);
      seen.set(path, known);
      return known;
    },
    list: (path) => namesAt(repository, git, path),
  };
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

/** Undefined if libgit2 says that the object does not exist. */
export async function orMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if ((error as { errno?: number }).errno === nodegit.Error.CODE.ENOTFOUND) return undefined;
    throw error;
  }
}
