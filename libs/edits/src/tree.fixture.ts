import type { Entry, Tree, Trees } from './tree.js';

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
    async list(path) {
      const below = path === '' ? '' : `${path}/`;
      const inside = Object.keys(files).filter((file) => file.startsWith(below));
      return [...new Set(inside.map((file) => file.slice(below.length).split('/')[0] ?? ''))].sort();
    },
  };
}

/** Only the files that are edited; nothing is elsewhere. */
export function treesOf(files: Record<string, string | Entry>): Trees {
  return { main: treeOf(files), elsewhere: async () => undefined };
}
