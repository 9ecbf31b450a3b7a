import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The commit of a branch of a bare repository; undefined if there is no such branch. It reads the files of the refs
 * (https://git-scm.com/docs/gitrepository-layout): the forges ask so often that a process for each answer would take a third
 * of the time of their tests.
 */
export async function tipOf(directory: string, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  // Git writes the packed ref before it removes the file of the ref.
  const loose = await textOf(join(directory, ref));
  const sha = loose === undefined ? packed(await textOf(join(directory, 'packed-refs')), ref) : loose.trim();
  if (sha !== undefined && !/^[0-9a-f]{40}$/.test(sha)) throw new Error(`${directory}: ${ref} is not a commit: ${sha}`);
  return sha;
}

/** The files of the refs of a bare repository, as one text: two texts are the same if all refs are. */
export async function refsOf(directory: string): Promise<string> {
  const names = (await readdir(join(directory, 'refs'), { recursive: true })).sort().map((name) => join('refs', name));
  const texts = await Promise.all(
    ['HEAD', 'packed-refs', ...names].map(async (name) => [name, await textOf(join(directory, name))]),
  );
  return JSON.stringify(texts);
}

/** The text of a file; undefined if it is missing or a folder: `refs/heads/a` is a folder if there is a branch `a/b`. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function packed(refs: string | undefined, ref: string): string | undefined {
  const line = refs?.split('\n').find((each) => each.endsWith(` ${ref}`));
  return line?.slice(0, line.indexOf(' '));
}
