import type { EditSource } from '@k8sta/contracts';
import { FileInvalid } from './file-invalid.js';

/** What is at a path of a repository's tree. */
export type Entry =
  | { readonly is: 'file'; readonly text: string }
  /** A file that is not UTF-8 text, or is too large to be a kustomization. */
  | { readonly is: 'opaque'; readonly why: string }
  | { readonly is: 'directory' }
  /** A symbolic link, or a submodule, which has no target in this repository. Files behind a link are never edited. */
  | { readonly is: 'link'; readonly target?: string };

/** The files of one commit. Paths are relative to the root, without `.` and `..`; the root itself is the empty path. */
export interface Tree {
  entry(path: string): Promise<Entry | undefined>;
  /** The names in a directory, in the order of their bytes; empty where there is no directory. */
  list(path: string): Promise<readonly string[]>;
}

/** The files of a build: those that are edited, and what it takes from elsewhere. */
export interface Trees {
  /** The repository and the branch that are edited. */
  readonly main: Tree;
  /** Another repository or revision; undefined if it is not at hand. */
  elsewhere(at: { readonly repository: string; readonly revision: string }): Promise<Tree | undefined>;
}

/** A tree in which some files have other texts. */
export function overlaid(tree: Tree, files: ReadonlyMap<string, string>): Tree {
  return {
    async entry(path) {
      const text = files.get(path);
      return text === undefined ? tree.entry(path) : { is: 'file', text };
    },
    list: (path) => tree.list(path),
  };
}

/** The text of a file, not behind a link. Throws {@link FileInvalid}; undefined if there is no such file. */
export async function textAt(tree: Tree, path: string): Promise<string | undefined> {
  const found = await lookUp(tree, path);
  switch (found?.is) {
    case 'file':
      return found.text;
    case 'opaque':
      throw new FileInvalid(found.why, path);
    case 'link':
      throw new FileInvalid('is behind a symbolic link', path);
    default:
      return undefined;
  }
}

/** Makes a path relative to the repository's root; undefined if it is absolute or leaves the repository. */
export function cleanPath(path: string, from = ''): string | undefined {
  if (path.startsWith('/') || path.includes('\\') || path.includes('\0')) return undefined;
  const parts: string[] = from === '' ? [] : from.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** A path below a directory, where the root is the empty path. */
export function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

/** What is at a path. If the path goes through a link: that link, and the path behind it. */
export async function lookUp(tree: Tree, path: string): Promise<(Entry & { readonly leadsTo?: string }) | undefined> {
  if (path === '') return { is: 'directory' };
  const parts = path.split('/');
  for (let length = 1; length <= parts.length; length++) {
    const entry = await tree.entry(parts.slice(0, length).join('/'));
    if (entry?.is === 'link') {
      const target = entry.target && cleanPath(entry.target, parts.slice(0, length - 1).join('/'));
      const leadsTo = target === undefined ? undefined : cleanPath(parts.slice(length).join('/'), target);
      return { ...entry, ...(leadsTo !== undefined && { leadsTo }) };
    }
    if (length === parts.length) return entry;
    if (entry?.is !== 'directory') return undefined;
  }
  return undefined;
}

/** Links that lead to links. */
const maxLinks = 20;

/** What is at a path, behind the links that a build follows. */
export interface Followed {
  readonly path: string;
  readonly entry: Entry;
  readonly isBehindLink: boolean;
}

/** Follows links as a build does; undefined where nothing is in this repository. `path` is a clean path. */
export async function follow(tree: Tree, path: string | undefined): Promise<Followed | undefined> {
  let at = path;
  for (let links = 0; at !== undefined && links <= maxLinks; links++) {
    const entry = await lookUp(tree, at);
    if (entry?.is !== 'link') return entry && { path: at, entry, isBehindLink: links > 0 };
    at = entry.leadsTo;
  }
  return undefined;
}

/** Where a source's files are: in the tree that is edited, elsewhere, or out of reach. */
export interface Root {
  readonly tree: Tree;
  readonly isEditable: boolean;
}

/** Undefined if the repository is not at hand. */
export async function rootOf(trees: Trees, { elsewhere }: Pick<EditSource, 'elsewhere'>): Promise<Root | undefined> {
  if (!elsewhere) return { tree: trees.main, isEditable: true };
  const tree = await trees.elsewhere(elsewhere);
  return tree && { tree, isEditable: false };
}

const maxFiles = 5_000;

/** Every file below a directory, in the order of the paths, and without links. */
export async function filesBelow(tree: Tree, directory: string): Promise<string[]> {
  const files: string[] = [];
  const visit = async (at: string): Promise<void> => {
    for (const name of await tree.list(at)) {
      const path = join(at, name);
      const entry = await tree.entry(path);
      if (entry?.is === 'directory') await visit(path);
      else if (entry?.is === 'file' || entry?.is === 'opaque') files.push(path);
      if (files.length > maxFiles) throw new FileInvalid(`"${directory}" has more than ${maxFiles} files`);
    }
  };
  await visit(directory);
  return files.sort();
}
