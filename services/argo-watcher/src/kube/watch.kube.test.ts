import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ArgoCd, startArgoCd, status, until } from '@k8sta/sandbox';
import { KubeConfig } from '@kubernetes/client-node';
import type { WatchStep } from '../source.js';
import { clusterBy, clusterOf } from './cluster.fixture.js';
import { type WatchOptions, watch } from './watch.js';

const selection = { plural: 'applications', namespace: 'argocd', selector: undefined } as const;
const defaults: WatchOptions = { timeoutSeconds: 30, idleMs: 10_000, signal: new AbortController().signal };
const spec = { repoURL: 'http://127.0.0.1:1/deploy.git', targetRevision: 'main', path: '.' };

/** Every step of the watch; `onStep` gets each as it arrives. */
async function read(
  steps: AsyncIterable<WatchStep>,
  onStep: (step: WatchStep) => void = () => {},
): Promise<WatchStep[]> {
  const said: WatchStep[] = [];
  for await (const step of steps) {
    said.push(step);
    onStep(step);
  }
  return said;
}

function words(steps: readonly WatchStep[]): string[] {
  return steps.map((step) => {
    if (step.is === 'refused') return `refused: ${step.refusal.kind}`;
    if (step.is !== 'event') return step.is;
    return `${step.type} ${(step.object as { metadata: { name: string } }).metadata.name}`;
  });
}

describe('watch', () => {
  let argo: ArgoCd;
  beforeEach(async () => {
    argo = await startArgoCd({ pollMs: 0, bookmarkMs: 20 });
  });
  afterEach(() => argo.stop());

  const from = (resourceVersion: string, options: Partial<WatchOptions> = {}) =>
    watch(clusterOf(argo.kubeconfig), selection, resourceVersion, { ...defaults, ...options });

  /** Without a change there are no bookmarks. */
  const makeElsewhere = () => argo.createApplication({ ...spec, name: 'elsewhere', namespace: 'teams' });

  it('reports what happens until the server ends it', async () => {
    const said = await read(from('1000'), (step) => {
      if (step.is === 'open') {
        argo.createApplication({ ...spec, name: 'a' });
        makeElsewhere();
        argo.changeApplication('a', ({ metadata }) => {
          metadata.labels = { team: 'a' };
        });
        argo.deleteApplication('a');
      }
      if (step.is === 'bookmark') argo.faults.closeWatches('end');
    });
    const events = words(said).filter((word) => !word.includes('MODIFIED'));
    assert.deepEqual(events, ['open', 'ADDED a', 'DELETED a', 'bookmark']);
    assert.ok(words(said).includes('MODIFIED a'));
  });

  it('asks the server to end it in time', async () => {
    const said = await read(from('1000', { timeoutSeconds: 1 }), ({ is }) => is === 'open' && makeElsewhere());
    assert.equal(said.at(-1)?.is, 'bookmark');
  });

  for (const asStatus of [false, true]) {
    it(`recognises an expired resourceVersion ${asStatus ? 'by the status of the answer' : 'by an ERROR event'}`, async () => {
      argo.faults.goneAsHttpStatus(asStatus);
      argo.createApplication({ ...spec, name: 'a' });
      argo.faults.forgetHistory();
      assert.equal(words(await read(from('1000'))).at(-1), 'refused: expired');
    });
  }

  it('closes a connection that is open and silent', async () => {
    argo.faults.silenceWatches(true);
    const said = await read(from('1000', { idleMs: 50 }));
    assert.deepEqual(words(said), ['open', 'refused: failed']);
    const last = said.at(-1);
    assert.match(last?.is === 'refused' ? last.refusal.words : '', /nothing was heard for 50 ms/);
  });

  it('closes a connection to a server that never answers', async () => {
    argo.faults.answer(() => 'hang');
    assert.deepEqual(words(await read(from('1000', { idleMs: 50 }))), ['refused: failed']);
  });

  it('stays open as long as bookmarks arrive', async () => {
    let bookmarks = 0;
    const said = await read(from('1000', { idleMs: 200 }), ({ is }) => {
      if (is === 'open') makeElsewhere();
      if (is === 'bookmark' && ++bookmarks === 15) argo.faults.closeWatches('end');
    });
    assert.equal(words(said).at(-1), 'bookmark');
  });

  it('ends normally if the server closes at once, and with a refusal if the connection breaks', async () => {
    argo.faults.closeWatchesAtOnce(true);
    assert.deepEqual(words(await read(from('1000'))), ['open']);
    argo.faults.closeWatchesAtOnce(false);
    const said = await read(from('1000'), ({ is }) => is === 'open' && argo.faults.closeWatches('destroy'));
    assert.deepEqual(words(said), ['open', 'refused: failed']);
    argo.faults.answer(() => 'drop');
    assert.deepEqual(words(await read(from('1000'))), ['refused: failed']);
  });

  it('passes on Retry-After', async () => {
    argo.faults.answer(() => status.tooManyRequests(3));
    const [step] = await read(from('1000'));
    assert.equal(step?.is === 'refused' && step.refusal.retryAfterMs, 3_000);
  });

  it('says which permission is missing', async () => {
    argo.faults.answer((request) => status.forbidden(request, 'watch'));
    const [step] = await read(from('1000'));
    assert.match(
      step?.is === 'refused' ? step.refusal.words : '',
      /^the verb "watch" on applications\.argoproj\.io in/,
    );
  });

  it('ends at once when the service shuts down, and leaves no connection', async () => {
    const end = new AbortController();
    await read(from('1000', { signal: end.signal }), ({ is }) => is === 'open' && end.abort());
    const left = new AbortController();
    for await (const step of from('1000', { signal: left.signal })) if (step.is === 'open') break;
    await until(() => argo.watchCount === 0);
  });

  it('throws what its reader throws', async () => {
    const defect = new TypeError('a defect');
    await assert.rejects(
      read(from('1000'), () => {
        throw defect;
      }),
      defect,
    );
  });
});

describe('watch, of a server with invalid answers', () => {
  let server: Server;
  let answer: (response: ServerResponse) => void;
  beforeEach(async () => {
    server = createServer((_request, response) => answer(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function last(options: Partial<WatchOptions> = {}): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const cluster = clusterBy(() => {
      const config = new KubeConfig();
      config.loadFromClusterAndUser(
        { name: 'strange', server: `http://127.0.0.1:${port}/behind/a/path/`, skipTLSVerify: true },
        { name: 'strange' },
      );
      return config;
    });
    const step = (await read(watch(cluster, selection, '1', { ...defaults, ...options }))).at(-1);
    return step?.is === 'refused' ? step.refusal.words : `${step?.is}`;
  }

  const strange: Record<string, [string, RegExp]> = {
    'no JSON': ['{"token":hunter2', /failed: a line is not valid JSON$/],
    'no event': ['{"type":"SURPRISE"}', /a line is not a watch event/],
    'an error of its own': [
      '{"type":"ERROR","object":{"code":500,"message":"etcd"}}',
      /was answered with 500\. .*etcd/,
    ],
    'an error without words': ['{"type":"ERROR","object":null}', /was answered with 500/],
  };
  for (const [what, [line, expected]] of Object.entries(strange)) {
    it(`ends on ${what}`, async () => {
      answer = (response) => response.end(`${line}\n`);
      assert.match(await last(), expected);
    });
  }

  it('ends on a line that does not end', async () => {
    answer = (response) => {
      const more = () => response.write('x'.repeat(10_000), more);
      more();
    };
    assert.match(await last({ lineLimit: 100_000 }), /more than 100000 bytes/);
  });

  it('reads only the beginning of a refusal', async () => {
    answer = (response) => {
      response.writeHead(500);
      const more = () => response.write('x'.repeat(10_000), more);
      more();
    };
    assert.match(await last(), /was answered with 500\.$/);
  });

  it('keeps the path of a server behind a gateway', async () => {
    let url = '';
    answer = (response) => {
      url = response.req.url ?? '';
      response.end();
    };
    await last();
    assert.match(
      url,
      /^\/behind\/a\/path\/apis\/argoproj\.io\/v1alpha1\/namespaces\/argocd\/applications\?watch=true&/,
    );
  });
});
