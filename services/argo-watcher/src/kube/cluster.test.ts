import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@k8sta/runtime';
import { Cluster, loadAccess } from './cluster.js';
import type { Access } from './kubeconfig.js';

const kubeconfig = (server: string, more = {}) =>
  JSON.stringify({
    clusters: [{ name: 'c', cluster: { server, ...more } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });

describe('loadAccess', () => {
  const before = process.env['KUBECONFIG'];
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  });
  afterEach(async () => {
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
    await rm(directory, { recursive: true });
  });

  async function load(text: string): Promise<Access> {
    process.env['KUBECONFIG'] = join(directory, 'config');
    await writeFile(process.env['KUBECONFIG'], text);
    return loadAccess();
  }

  it('finds the cluster of the current context', async () => {
    assert.equal(
      (await load(kubeconfig('https://10.0.0.1:6443'))).getCurrentCluster()?.server,
      'https://10.0.0.1:6443',
    );
    await load(kubeconfig('http://127.0.0.1:8001', { 'insecure-skip-tls-verify': true }));
  });

  for (const [what, text, expected] of [
    ['plain HTTP that nobody asked for', kubeconfig('http://127.0.0.1:8001'), /leads to http:\/\/127\.0\.0\.1:8001/],
    ['no current context', kubeconfig('https://10.0.0.1').replace('"x"}', '"y"}'), /names no cluster/],
    ['an invalid address', kubeconfig('nonsense'), /the server of the cluster "c" is not an address/],
    ['invalid YAML', '{', /KUBECONFIG: /],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(load(text), (error) => error instanceof ConfigError && expected.test(error.message));
    });
  }

  it('does not repeat the file, which contains secrets', async () => {
    const faulty = 'users:\n- user:\n    token: "hunter2\n  bad: [\n';
    await assert.rejects(
      load(faulty),
      ({ message }) => /stream.*\(\d+:\d+\)$/.test(message) && !/hunter2/.test(message),
    );
  });

  it('says why the file cannot be read', async () => {
    await load(kubeconfig('https://10.0.0.1'));
    await rm(join(directory, 'config'));
    await assert.rejects(loadAccess(), /KUBECONFIG: .+ cannot be read: it does not exist/);
  });
});

describe('Cluster', () => {
  it('keeps its credentials while the files are being replaced', async () => {
    const access: Access = {
      getCurrentCluster: () => ({ name: 'c', server: 'https://10.0.0.1/', skipTLSVerify: false }),
      applyToHTTPSOptions: async () => {},
    };
    const cluster = new Cluster(access, () => Promise.reject(new Error('ENOENT')));
    await cluster.renew();
    assert.equal(cluster.server, 'https://10.0.0.1');
  });
});
