import type { Entry, Tree } from '@k8sta/edits';
import type { GitObjects } from './git-objects.js';

/** As in the promoter: a larger file is no file that people write. */
const maxBytes = 1024 * 1024;
const maxTreeBytes = 64 * 1024 * 1024;
const longestTarget = 4_096;

interface Item {
  readonly mode: string;
  readonly id: string;
}

/** The files of a commit, read from the object database: what is in the working directory does not matter. */
export function gitTree(objects: Pick<GitObjects, 'read'>, root: string): Tree {
  const directories = new Map<string, Promise<ReadonlyMap<string, Item>>>();
  const entries = new Map<string, Promise<Entry | undefined>>();
  const directory = (id: string) => cached(directories, id, async () => itemsOf(await objects.read(id, maxTreeBytes)));

  const itemAt = async (path: string): Promise<Item | undefined> => {
    let item: Item = { mode: directoryMode, id: root };
    for (const name of path === '' ? [] : path.split('/')) {
      const inside = item.mode === directoryMode ? (await directory(item.id)).get(name) : undefined;
      if (!inside) return undefined;
      item = inside;
    }
    return item;
  };

  return {
    entry: (path) => cached(entries, path, async () => entryOf(objects, await itemAt(path))),
    async list(path) {
      const item = await itemAt(path);
      if (item?.mode !== directoryMode) return [];
      const names = [...(await directory(item.id)).keys()];
      return names.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    },
  };
}

const directoryMode = '40000';
const linkMode = '120000';
const submoduleMode = '160000';

async function entryOf(objects: Pick<GitObjects, 'read'>, item: Item | undefined): Promise<Entry | undefined> {
  if (!item) return undefined;
  if (item.mode === directoryMode) return { is: 'directory' };
  if (item.mode === submoduleMode) return { is: 'link' };
  const object = await objects.read(item.id, maxBytes);
  if (!object) return { is: 'opaque', why: 'is not in the checkout, which is a partial clone' };
  if (item.mode === linkMode) return { is: 'link', target: object.content?.toString('utf8', 0, longestTarget) ?? '' };
  if (!object.content) return { is: 'opaque', why: `has more than ${maxBytes} bytes` };
  try {
    return { is: 'file', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(object.content) };
  } catch {
    return { is: 'opaque', why: 'is not UTF-8 text' };
  }
}

/** The entries of a tree object: `<mode> <name>\0<id>` for each, the id in bytes. */
function itemsOf(object: Awaited<ReturnType<GitObjects['read']>>): ReadonlyMap<string, Item> {
  const items = new Map<string, Item>();
  const { content, id = '' } = object ?? {};
  if (!content) return items;
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(' ', at);
    const nul = content.indexOf(0, space);
    if (space < 0 || nul < 0) break;
    const end = nul + 1 + id.length / 2;
    const mode = content.toString('latin1', at, space);
    items.set(content.toString('utf8', space + 1, nul), { mode, id: content.toString('hex', nul + 1, end) });
    at = end;
  }
  return items;
}

function cached<Value>(known: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
