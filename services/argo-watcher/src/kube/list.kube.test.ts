import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ArgoCd, startArgoCd, status } from '@k8sta/sandbox';
import { KubeConfig } from '@kubernetes/client-node';
import type { ListStep } from '../source.js';
import { clusterBy, clusterOf } from './cluster.fixture.js';
import { list } from './list.js';
import type { Selection } from './request.js';

const everywhere: Selection = { plural: 'applications', namespace: undefined, selector: undefined };

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

  /** The names as they come, and the last step. */
  async function read(selection: Selection, onItems = () => {}, idleMs = 10_000): Promise<[string[], ListStep?]> {
    const names: string[] = [];
    const { signal } = new AbortController();
    for await (const step of list(clusterOf(argo.kubeconfig), selection, { pageSize: 2, idleMs, signal })) {
      if (step.is !== 'items') return [names, step];
      names.push(...step.items.map((item) => (item as { metadata: { name: string } }).metadata.name));
      onItems();
    }
    return [names];
  }

  it('returns page after page, and then the resourceVersion for a watch', async () => {
    const pages: (string | null)[] = [];
    argo.faults.answer(({ query }) => {
      pages.push(query.get('limit'));
      return undefined;
    });
    const [names, end] = await read(everywhere);
    assert.deepEqual(names, ['a', 'b', 'c', 'd', 'e', 'f']);
    assert.deepEqual(pages, ['2', '2', '2']);
    assert.ok(end?.is === 'listed' && /^\d+$/.test(end.resourceVersion));
  });

  it('lists one namespace, and only what matches the selector', async () => {
    assert.deepEqual((await read({ ...everywhere, namespace: 'teams' }))[0], ['f']);
    assert.deepEqual((await read({ ...everywhere, namespace: 'argocd', selector: 'even=true' }))[0], ['b', 'd']);
  });

  it('ends as expired if the next page has expired', async () => {
    const [names, end] = await read(everywhere, () => argo.faults.forgetHistory());
    assert.deepEqual(names, ['a', 'b']);
    assert.ok(end?.is === 'refused' && end.refusal.kind === 'expired');
  });

  it('says which permission is missing, and where', async () => {
    argo.faults.answer((request) => status.forbidden(request, 'list'));
    const [, end] = await read({ ...everywhere, namespace: 'argocd' });
    assert.ok(end?.is === 'refused' && end.refusal.kind === 'forbidden');
    assert.match(
      end.refusal.words,
      /^the verb "list" on applications\.argoproj\.io in namespace "argocd" is not granted to us \(403\): .* It said: .*system:serviceaccount/,
    );
  });

  it('passes on Retry-After', async () => {
    argo.faults.answer(() => status.tooManyRequests(7));
    const [, end] = await read(everywhere);
    assert.ok(end?.is === 'refused');
    assert.deepEqual([end.refusal.kind, end.refusal.retryAfterMs], ['failed', 7_000]);
  });

  it('does not wait forever for an answer', async () => {
    argo.faults.answer(() => 'hang');
    const [, end] = await read(everywhere, undefined, 50);
    assert.ok(end?.is === 'refused');
    assert.match(end.refusal.words, /nothing was heard for 50 ms/);
  });

  describe('of a server with invalid answers', () => {
    let server: Server;
    let body: string;
    beforeEach(async () => {
      server = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(body));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => server.close());

    const strange: Record<string, [string, RegExp]> = {
      'an answer that is not a list': ['{"kind":"Sorry"}', /the answer is not a list/],
      'no JSON': ['<html>', /failed: the answer is not valid JSON$/],
      nothing: ['', /ended in the middle/],
      'a list that breaks off': ['{"items":[{"metadata":{"name":"a"}},{"meta', /ended in the middle/],
      'an object that is not JSON': ['{"items":[{metadata}]}', /failed: the answer is not valid JSON$/],
    };
    for (const [what, [said, expected]] of Object.entries(strange)) {
      it(`treats ${what} as a failure`, async () => {
        body = said;
        const cluster = clusterBy(() => {
          const config = new KubeConfig();
          const { port } = server.address() as AddressInfo;
          config.loadFromClusterAndUser(
            { name: 'strange', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
            { name: 'strange' },
          );
          return config;
        });
        const { signal } = new AbortController();
        const steps: ListStep[] = [];
        for await (const step of list(cluster, everywhere, { pageSize: 2, idleMs: 10_000, signal })) steps.push(step);
        const last = steps.at(-1);
        assert.match(last?.is === 'refused' ? last.refusal.words : `${last?.is}`, expected);
      });
    }
  });
});
