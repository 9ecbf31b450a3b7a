import { watch } from 'node:fs';
import { join } from 'node:path';
import { type GitServer, git, type Repository } from '@k8sta/sandbox';

/** The size of each repository. */
export interface RepositorySize {
  readonly files: number;
  readonly commits: number;
  readonly applications: number;
}

export const image = 'ghcr.io/acme/web';
export const branch = 'refs/heads/main';

export function fileOf(application: number): string {
  return `apps/web-${application}/kustomization.yaml`;
}

/** The text of an Application's kustomization. */
export function naming(tag: string): string {
  return `resources:\n- ../../base\nimages:\n- name: ${image}\n  newTag: ${tag}\n`;
}

/** A repository as teams have them: folders of manifests, and a kustomization that most commits of the past changed. */
export async function createBigRepository(server: GitServer, name: string, size: RepositorySize): Promise<Repository> {
  const repository = await server.createRepository(name, { files: { 'base/kustomization.yaml': 'resources: []\n' } });
  const { directory } = repository;
  const input = [...history(await repository.tip(), size)].join('');
  await git(['fast-import', '--quiet', '--done'], { directory, input });
  // As a server keeps it: one pack.
  await git(['repack', '-adq'], { directory });
  return repository;
}

function* history(parent: string, { files, commits, applications }: RepositorySize): Generator<string> {
  const author = 'Pat Person <pat@example.com>';
  const commit = (at: number) =>
    `commit ${branch}\nauthor ${author} ${at} +0000\ncommitter ${author} ${at} +0000\ndata 4\nEdit\n`;
  const file = (path: string, text: string) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
  const startedAt = Math.floor(Date.now() / 1000) - 100_000 - commits * 60;
  yield `${commit(startedAt)}from ${parent}\n`;
  for (let at = 0; at < applications; at++) yield file(fileOf(at), naming('1.0.0'));
  for (let at = 0; at < files - applications; at++) {
    yield file(`services/team-${at % 100}/manifest-${at}.yaml`, `kind: ConfigMap\nmetadata: {name: m-${at}}\n`);
  }
  for (let at = 1; at < commits; at++) {
    yield `${commit(startedAt + at * 60)}${file(fileOf(at % applications), naming(`1.0.${at}`))}`;
  }
  yield 'done\n';
}

/** Resolves with the time at which the branch moves next, by the monotonic clock. */
export function nextMove({ directory }: Repository): Promise<number> {
  return new Promise((resolve, reject) => {
    const watcher = watch(join(directory, 'refs/heads'), (_event, name) => {
      // git renames the lock file over the ref.
      if (name !== 'main') return;
      watcher.close();
      resolve(performance.now());
    });
    watcher.once('error', reject);
  });
}
