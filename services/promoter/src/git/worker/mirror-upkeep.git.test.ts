import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GitServer, startGitServer, type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { JobHandler } from './job-handler.js';
import type { Job } from './protocol.js';

const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };
const naming = (tag: string) => `images:\n- name: ${image.repository}\n  newTag: ${tag}\n`;
const branch = 'refs/heads/main';
const author = { name: 'K8sTA', email: 'k8sta@localhost' };
const progress = { contact() {}, alive() {}, local() {} };

describe('a mirror', () => {
  let server: GitServer;
  let directory: TemporaryDirectory;

  before(async () => {
    server = await startGitServer();
    directory = await temporaryDirectory('upkeep');
  });
  after(async () => {
    await server.stop();
    await directory.remove();
  });

  it('is replaced while its process runs, when our own commits have filled it', async function () {
    this.timeout(120_000);
    const repository = await server.createRepository('config', {
      files: { 'dev/kustomization.yaml': naming('1.4.1'), 'prod/kustomization.yaml': naming('1.4.1') },
    });
    const mirror = join(directory.path, 'mirror');
    const ask = (
      handler: JobHandler,
      op: 'plan' | 'push',
      ticket: string,
      name = 'dev',
      { count = 1, on = branch } = {},
    ) =>
      handler.handle(
        {
          ...{ op, branch, author },
          remote: { url: repository.url, username: server.user, password: server.password },
          parts: Array.from({ length: count }, () => ({
            ...{ id: `${ticket}/${name}/1/0`, ticket, track: 'shop', station: name, branch: on, protectedSources: [] },
            applications: [{ namespace: 'argocd', name, sources: [{ path: name, type: 'Kustomize' }], image }],
            requestedAt: new Date().toISOString(),
          })),
        } as Job,
        progress,
      ) as Promise<{ is: string; commit?: string }[]>;

    const handler = new JobHandler(mirror);
    const [first] = await ask(handler, 'plan', 'one');
    const [ours] = await ask(handler, 'push', 'one');
    assert.deepEqual([first?.is, ours?.is], ['ready', 'pushed']);
    crowd(mirror);
    // One job with a thousand parts counts like a thousand commits. The mirror is opened again after it.
    await ask(handler, 'plan', 'many', 'dev', { count: 1_000, on: 'refs/heads/none' });
    const [landed] = await ask(handler, 'plan', 'one');
    assert.deepEqual([landed?.is, landed?.commit], ['landed', ours?.commit]);
    assert.equal(await looseObjects(mirror), 0);
    assert.equal(await git(mirror, 'fsck', '--no-dangling'), '');
    assert.equal((await ask(handler, 'plan', 'two', 'prod'))[0]?.is, 'ready');
    assert.equal((await ask(handler, 'push', 'two', 'prod'))[0]?.is, 'pushed');
    assert.equal(await git(repository.directory, 'fsck', '--strict', '--no-dangling'), '');
  });

  function crowd(mirror: string): void {
    const folder = join(mirror, 'objects/00');
    mkdirSync(folder, { recursive: true });
    const nameOf = (index: number) => join(folder, `${index}`.padStart(38, '0'));
    writeFileSync(nameOf(0), '');
    // Links, because a new file takes 20 times longer.
    for (let index = 1; index <= 20_000; index++) linkSync(nameOf(0), nameOf(index));
  }

  async function looseObjects(mirror: string): Promise<number> {
    const names = await readdir(join(mirror, 'objects'), { recursive: true });
    return names.filter((name) => /^[0-9a-f]{2}\//.test(name)).length;
  }

  async function git(cwd: string, ...args: string[]): Promise<string> {
    return (await promisify(execFile)('git', args, { cwd })).stdout.trim();
  }
});
