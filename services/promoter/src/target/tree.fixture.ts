import type { Entry, Tree } from './tree.js';

/** A symbolic link to this target. */
export function link(target: string): Entry {
  return { is: 'link', target };
}

/** A commit's files, by path; directories are those of the files. */
export function treeOf(files: Record<string, string | Entry>): Tree {
  return {
    async entry(path) {
      const at = files[path];
      if (typeof at === 'string') return { is: 'file', text: at };
      if (at !== undefined) return at;
      const isDirectory = path === '' || Object.keys(files).some((file) => file.startsWith(`${path}/`));
      return isDirectory ? { is: 'directory' } : undefined;
    },
  };
}
