import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ArgoCd, startArgoCd, status } from '@k8sta/sandbox';
import { KubeConfig } from '@kubernetes/client-node';
import type { ListStep } from '../source.js';
import { clusterOf } from './cluster.fixture.js';
import { Cluster } from './cluster.js';
import { list, type Selection } from './list.js';

const everywhere: Selection = { namespace: undefined, selector: undefined };

describe('list', () => {
  let argo: ArgoCd;

  beforeEach(async () => {
    const spec = { repoURL: 'http://127.0.0.1:1/deploy.git', targetRevision: 'main', path: '.' };
    argo = await startArgoCd({
      pollMs: 0,
      applications: [
        ...['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...spec, name, labels: { even: String('bd'.includes(name)) } })),
        { ...spec, name: 'f', namespace: 'teams' },
      ],
    });
  });
  afterEach(() => argo.stop());

  async function read(selection: Selection, onPage = () => {}, idleMs = 10_000): Promise<[string[][], ListStep?]> {
    const pages: string[][] = [];
    const { signal } = new AbortController();
    for await (const step of list(clusterOf(argo.kubeconfig), selection, { pageSize: 2, idleMs, signal })) {
      if (step.is !== 'page') return [pages, step];
      pages.push(step.items.map((item) => (item as { metadata: { name: string } }).metadata.name));
      onPage();
    }
    return [pages];
  }

  it('gives page after page, and then where a watch goes on', async () => {
    const [pages, end] = await read(everywhere);
    assert.deepEqual(pages, [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ]);
    assert.ok(end?.is === 'listed' && /^\d+$/.test(end.resourceVersion));
  });

  it('lists one namespace, and what matches the selector', async () => {
    assert.deepEqual((await read({ namespace: 'teams', selector: undefined }))[0], [['f']]);
    assert.deepEqual((await read({ namespace: 'argocd', selector: 'even=true' }))[0], [['b', 'd']]);
  });

  it('ends as expired when the next page can no longer be had', async () => {
    const [pages, end] = await read(everywhere, () => argo.faults.forgetHistory());
    assert.deepEqual(pages, [['a', 'b']]);
    assert.ok(end?.is === 'refused' && end.refusal.kind === 'expired');
  });

  it('says which grant is missing, where', async () => {
    argo.faults.answer((request) => status.forbidden(request, 'list'));
    const [, end] = await read({ namespace: 'argocd', selector: undefined });
    assert.ok(end?.is === 'refused' && end.refusal.kind === 'forbidden');
    assert.match(
      end.refusal.words,
      /^the verb "list" on applications\.argoproj\.io in namespace "argocd" is not granted to us \(403\): .* It said: .*system:serviceaccount/,
    );
  });

  it('hands on for how long the server wants to be left alone', async () => {
    argo.faults.answer(() => status.tooManyRequests(7));
    const [, end] = await read(everywhere);
    assert.ok(end?.is === 'refused');
    assert.deepEqual([end.refusal.kind, end.refusal.retryAfterMs], ['failed', 7_000]);
  });

  it('does not wait for ever for an answer', async () => {
    argo.faults.answer(() => 'hang');
    const [, end] = await read(everywhere, undefined, 50);
    assert.ok(end?.is === 'refused');
    assert.match(end.refusal.words, /did not answer within 50 ms/);
  });

  it('takes an answer that is no list for a failure', async () => {
    const server = createServer((_request, response) =>
      response.setHeader('content-type', 'application/json').end('{"kind":"Sorry"}'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const cluster = new Cluster(() => {
      const config = new KubeConfig();
      const { port } = server.address() as AddressInfo;
      config.loadFromClusterAndUser(
        { name: 'strange', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
        { name: 'strange' },
      );
      return config;
    });
    const { signal } = new AbortController();
    for await (const step of list(cluster, everywhere, { pageSize: 2, idleMs: 10_000, signal })) {
      assert.match(step.is === 'refused' ? step.refusal.words : step.is, /the answer is no list/);
    }
    server.close();
  });
});
