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
