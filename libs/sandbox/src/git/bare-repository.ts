import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Creates an empty bare repository with these further settings. It writes the files that make a folder a repository
 * (https://git-scm.com/docs/gitrepository-layout), because hundreds of tests create one and `git init` is a process.
 */
export async function createBareRepository(directory: string, branch: string, settings = ''): Promise<void> {
  await mkdir(join(directory, 'objects'), { recursive: true });
  await mkdir(join(directory, 'refs'));
  await writeFile(join(directory, 'config'), `[core]\n\trepositoryformatversion = 0\n\tbare = true\n${settings}`);
  await writeFile(join(directory, 'HEAD'), `ref: refs/heads/${branch}\n`);
}
