import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { git } from '../../git/command.js';
import { tipOf } from '../../git/refs.js';

/** Moves a branch, but not if it is elsewhere by now. Does not run the hooks of the repository. */
export function moveBranch(directory: string, branch: string, to: string, from: string): Promise<boolean> {
  return setRef(directory, `refs/heads/${branch}`, to, async () => (await tipOf(directory, branch)) === from);
}

/** Forges keep the head of each pull request under a ref of their own, also after its branch is gone. */
export async function keepHead(directory: string, ref: string, commit: string): Promise<void> {
  await setRef(directory, ref, commit, async () => true);
}

export async function deleteBranch(directory: string, branch: string): Promise<void> {
  await git(['update-ref', '-d', `refs/heads/${branch}`], { directory });
}

/** Writes a ref under git's own lock, without a process. False if another writer has the lock, or `may` says no under it. */
async function setRef(directory: string, ref: string, to: string, may: () => Promise<boolean>): Promise<boolean> {
  const file = join(directory, ref);
  const lock = `${file}.lock`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(lock, `${to}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  const isAllowed = await may();
  if (isAllowed) await rename(lock, file);
  else await rm(lock);
  return isAllowed;
}
