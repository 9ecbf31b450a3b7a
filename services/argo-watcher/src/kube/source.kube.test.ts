import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArgoCd, startArgoCd, type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { KubeConfig } from '@kubernetes/client-node';
import { clusterBy } from './cluster.fixture.js';
import { kubernetesSource } from './source.js';

const { signal } = new AbortController();

describe('kubernetesSource', () => {
  let argo: ArgoCd;
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    argo = await startArgoCd({ pollMs: 0, bookmarkMs: 10 });
    argo.createApplication({ name: 'a', repoURL: 'http://127.0.0.1:1/deploy.git', targetRevision: 'main', path: '.' });
    directory = await temporaryDirectory('token');
  });
  afterEach(async () => {
    await argo.stop();
    await directory.remove();
  });

  /** As a pod does it, whose token is replaced in the file from time to time. */
  const sourceWith = (tokenFile: string, idleMs = 60_000) => {
    const cluster = clusterBy(() => {
      const config = new KubeConfig();
      config.loadFromClusterAndUser(
        { name: 'cluster', server: argo.url, skipTLSVerify: true },
        { name: 'pod', authProvider: { name: 'tokenFile', config: { tokenFile } } },
      );
      return config;
    });
    return kubernetesSource({
      cluster,
      plural: 'applications',
      namespace: undefined,
      selector: undefined,
      pageSize: 500,
      idleMs,
    });
  };
  async function first(steps: AsyncIterable<{ is: string; refusal?: { kind: string } }>): Promise<string> {
    for await (const { is, refusal } of steps) return refusal?.kind ?? is;
    return 'nothing';
  }

  it('reads the token again as soon as it is refused', async () => {
    const tokenFile = join(directory.path, 'token');
    await writeFile(tokenFile, 'expired');
    const source = sourceWith(tokenFile);
    assert.equal(await first(source.list(signal)), 'unauthorized');
    assert.equal(await first(source.watch('1000', signal)), 'unauthorized');
    await writeFile(tokenFile, argo.token);
    assert.equal(await first(source.watch('1000', signal)), 'open');
    assert.equal(await first(source.list(signal)), 'items');
  });

  it('ends a watch often enough for a sign of life while it is quiet', () => {
    assert.equal(sourceWith('token').watchMs, 20_000);
    assert.equal(sourceWith('token', 100).watchMs, 1_000);
  });
});
