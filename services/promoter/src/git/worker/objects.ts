import type { Entry } from '@k8sta/edits';
import { LRUCache } from 'lru-cache';
import nodegit, { type Tree as GitTree, type Repository } from 'nodegit';

/** A larger file is not read. */
export const maxBytes = 1024 * 1024;

/** An entry of a directory. */
interface Item {
  readonly id: string;
  readonly mode: number;
}
type Directory = ReadonlyMap<string, Item>;

/**
 * What this process has read by the id of the Git object, whatever its repository: the id is the hash of the content. The
 * next commit leaves almost all directories and files as they are, and each read is a task for another thread.
 */
const directories = new LRUCache<string, Directory>({ maxSize: 50_000, sizeCalculation: ({ size }) => size + 1 });
const files = new LRUCache<string, Entry>({
  maxSize: 8 * 1024 * 1024,
  sizeCalculation: (entry) => (entry.is === 'file' ? entry.text.length : 0) + 100,
});

/** What is at a path of a tree; undefined if there is nothing. */
export async function entryAt(repository: Repository, tree: GitTree, path: string): Promise<Entry | undefined> {
  if (path === '') return { is: 'directory' };
  const item = await itemAt(repository, tree.id().tostrS(), path.split('/'));
  if (!item) return undefined;
  switch (item.mode) {
    case nodegit.TreeEntry.FILEMODE.TREE:
      return { is: 'directory' };
    case nodegit.TreeEntry.FILEMODE.COMMIT:
      return { is: 'link' };
    default:
      return blobOf(repository, item);
  }
}

/** The names in a directory; empty where there is none. */
export async function namesAt(repository: Repository, tree: GitTree, path: string): Promise<string[]> {
  const root = tree.id().tostrS();
  const item = path === '' ? { id: root, mode: directoryMode } : await itemAt(repository, root, path.split('/'));
  if (item?.mode !== directoryMode) return [];
  return [...(await directoryOf(repository, item.id)).keys()].sort();
}

const directoryMode = nodegit.TreeEntry.FILEMODE.TREE as number;

async function itemAt(repository: Repository, root: string, names: readonly string[]): Promise<Item | undefined> {
  let item: Item | undefined = { id: root, mode: directoryMode };
  for (const name of names) {
    if (item?.mode !== directoryMode) return undefined;
    // Most are known: a promise for each of them would cost more than the rest.
    const directory: Directory = directories.get(item.id) ?? (await directoryOf(repository, item.id));
    item = directory.get(name);
  }
  return item;
}

async function directoryOf(repository: Repository, id: string): Promise<Directory> {
  const known = directories.get(id);
  if (known) return known;
  const tree = await repository.getTree(nodegit.Oid.fromString(id));
  const read = new Map(
    tree.entries().map((entry) => [entry.name(), { id: entry.id().tostrS(), mode: entry.filemode() as number }]),
  );
  directories.set(id, read);
  return read;
}

async function blobOf(repository: Repository, { id, mode }: Item): Promise<Entry> {
  const isLink = mode === nodegit.TreeEntry.FILEMODE.LINK;
  // A link is stored as a blob too: the same content can be a file elsewhere.
  const known = isLink ? undefined : files.get(id);
  if (known) return known;
  const blob = await repository.getBlob(nodegit.Oid.fromString(id));
  if (isLink) return { is: 'link', target: blob.content().toString('utf8', 0, 4_096) };
  const entry: Entry =
    blob.rawsize() > maxBytes ? { is: 'opaque', why: `has more than ${maxBytes} bytes` } : textOf(blob.content());
  files.set(id, entry);
  return entry;
}

function textOf(content: Buffer): Entry {
  try {
    return { is: 'file', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content) };
  } catch {
    return { is: 'opaque', why: 'is not UTF-8 text' };
  }
}
