import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import nodegit from 'nodegit';

/**
 * Each fetch adds a pack of two files, and each pack adds about 0.1 ms to each lookup of an object that is missing.
 * nodegit cannot repack: a mirror with more packs is replaced by an empty one when it is opened.
 */
const maxPacks = 1_000;

/** Our own commits add about six files each, of one disk block each. The same applies to a mirror with more of them. */
const maxLooseObjects = 20_000;

/**
 * Opens the mirror in this directory. Replaces it by an empty one if it cannot be used or has too many files, and then
 * returns why.
 */
export async function openMirror(directory: string): Promise<string | undefined> {
  let why: string | undefined;
  const open = () => nodegit.Repository.openBare(directory);
  try {
    await open();
    await requireFewFiles(join(directory, 'objects'));
  } catch (error) {
    if (existsSync(directory)) why = (error as Error).message;
    await removeMirror(directory);
    await nodegit.Repository.init(directory, 1);
  }
  await removeLeftovers(directory);
  const config = await (await open()).config();
  // Makes libgit2 follow redirects on the same host only. It would send the credentials to another host too, and the
  // credentials callback does not learn which host asks.
  await config.setString('http.followRedirects', 'false');
  return why;
}

/** Retries, because the commits of a push that was only prepared may still be written. */
export function removeMirror(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** A killed worker leaves lock files, which nothing else would ever remove, and incomplete packs. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const leftover = entry.name.endsWith('.lock') || /^(pack_git2_|tmp_)/.test(entry.name);
    if (entry.isFile() && leftover) await rm(join(entry.parentPath, entry.name), { force: true });
  }
}

async function requireFewFiles(objects: string): Promise<void> {
  const packs = await readdir(join(objects, 'pack'));
  if (packs.length > 2 * maxPacks) throw new RangeError(`the mirror has ${packs.length} pack files`);
  const folders = (await readdir(objects)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  const counts = await Promise.all(folders.map(async (name) => (await readdir(join(objects, name))).length));
  const loose = counts.reduce((sum, count) => sum + count, 0);
  if (loose > maxLooseObjects) throw new RangeError(`the mirror has ${loose} loose objects`);
}
