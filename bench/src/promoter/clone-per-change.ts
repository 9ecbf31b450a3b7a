import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { basicAuthentication, type GitServer, git, type Repository } from '@k8sta/sandbox';
import { fileOf, naming } from './repository.js';

/** After so many lost races a script gives up. It counts like a success, in favour of the reference. */
const maxPushes = 5;

/** What a script in a pipeline does: clone, edit, commit, push; after a lost race, rebase and push. Returns milliseconds. */
export async function clonePerChange(
  server: GitServer,
  { url }: Repository,
  parent: string,
  { application, tag }: { application: number; tag: string },
): Promise<number> {
  const environment = basicAuthentication(server);
  const directory = join(parent, 'clone');
  const succeeds = (...args: string[]) =>
    git(args, { directory, environment }).then(
      () => true,
      () => false,
    );
  const startedAt = performance.now();
  await git(['clone', '--quiet', '--depth', '1', url, directory], { environment });
  await writeFile(join(directory, fileOf(application)), naming(tag));
  await git(['commit', '--quiet', '--all', '--message', `Edit web-${application}`], { directory });
  for (let push = 1; push <= maxPushes && !(await succeeds('push', '--quiet')); push++) {
    await succeeds('pull', '--quiet', '--rebase');
  }
  const ms = performance.now() - startedAt;
  await rm(directory, { recursive: true });
  return ms;
}
