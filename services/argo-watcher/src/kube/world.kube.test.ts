import assert from 'node:assert/strict';
import { type Bus, connectBus, done, type Log } from '@k8sta/bus';
import { everyUse } from '@k8sta/contracts';
import { type NatsServer, type Service, startNats, startService, until } from '@k8sta/sandbox';
import { KubeConfig } from '@kubernetes/client-node';
import type { ListStep, WatchStep } from '../source.js';
import { clusterBy, clusterOf } from './cluster.fixture.js';
import type { Cluster } from './cluster.js';
import { list } from './list.js';
import { askByAnnotation } from './refresh.js';
import type { Selection } from './request.js';
import { watch } from './watch.js';
import { type Item, openWorld, type World } from './world.fixture.js';

const { signal } = new AbortController();
const entry = import.meta.resolve('@k8sta/argo-watcher');
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** What the watcher relies on, tested with the stand-in and, by `npm run test:kube`, with a real cluster. */
describe('a Kubernetes API', () => {
  let world: World;
  let here: Selection;
  let everywhere: Selection;
  before(async () => {
    world = await openWorld();
    here = { plural: 'applications', namespace: world.namespaces[0], selector: undefined };
    everywhere = { ...here, namespace: undefined };
  });
  after(() => world.close());

  async function listed(selection: Selection, pageSize = 2): Promise<{ names: string[]; resourceVersion: string }> {
    const names: string[] = [];
    let last: ListStep | undefined;
    for await (last of list(clusterOf(world.kubeconfig), selection, { pageSize, idleMs: 10_000, signal })) {
      if (last.is !== 'items') continue;
      // On a real cluster there may be Applications of others.
      const own = (last.items as Item[]).filter(({ metadata }) => world.namespaces.includes(metadata.namespace));
      names.push(...own.map(({ metadata }) => metadata.name));
    }
    assert.ok(last?.is === 'listed', JSON.stringify(last));
    return { names, resourceVersion: last.resourceVersion };
  }

  /** The events of a watch until there are enough. */
  async function watched(
    selection: Selection,
    resourceVersion: string,
    isEnough: (said: readonly string[]) => boolean,
    { timeoutSeconds = 30, onOpen = async () => {} } = {},
  ): Promise<{ words: string[]; steps: WatchStep[] }> {
    const [words, steps]: [string[], WatchStep[]] = [[], []];
    const options = { timeoutSeconds, idleMs: 20_000, signal };
    for await (const step of watch(clusterOf(world.kubeconfig), selection, resourceVersion, options)) {
      if (step.is === 'open') void onOpen();
      else if (step.is === 'bookmark') words.push('bookmark');
      else if (step.is === 'refused') words.push(step.refusal.kind);
      else words.push(`${step.type} ${(step.object as Item).metadata.name}`);
      steps.push(step);
      if (isEnough(words)) break;
    }
    return { words, steps };
  }
  const count = (wanted: number) => (words: readonly string[]) =>
    words.filter((word) => word !== 'bookmark').length >= wanted;
  const withoutBookmarks = (words: readonly string[]) => words.filter((word) => word !== 'bookmark');

  it('lists page by page, one namespace or all, and by label', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await world.create(name, { labels: { tier: name < 'c' ? 'x' : 'y' } });
    await world.create('f', { namespace: world.namespaces[1] });
    const { names, resourceVersion } = await listed(here);
    assert.deepEqual(names, ['a', 'b', 'c', 'd', 'e']);
    assert.match(resourceVersion, /^\d+$/);
    assert.deepEqual((await listed(everywhere)).names.sort(), ['a', 'b', 'c', 'd', 'e', 'f']);
    assert.deepEqual((await listed({ ...here, selector: 'tier=x' })).names, ['a', 'b']);
    assert.deepEqual((await listed({ ...here, selector: 'tier notin (x)' })).names, ['c', 'd', 'e']);
    assert.deepEqual((await listed({ ...here, namespace: 'k8sta-nowhere' })).names, []);
  });

  it('reports the events after a list in order, each with a higher resourceVersion', async () => {
    const { resourceVersion } = await listed(here);
    await world.create('g');
    await world.patch('g', { metadata: { labels: { team: 'a' } } });
    await world.remove('g');
    const { words, steps } = await watched(here, resourceVersion, count(3));
    assert.deepEqual(withoutBookmarks(words), ['ADDED g', 'MODIFIED g', 'DELETED g']);
    const versions = steps.flatMap((step) =>
      step.is === 'event' ? BigInt((step.object as Item).metadata.resourceVersion) : [],
    );
    assert.deepEqual(
      versions,
      [...new Set(versions)].sort((one, other) => (one < other ? -1 : 1)),
    );
    assert.ok((versions[0] ?? 0n) > BigInt(resourceVersion));
  });

  it('reports events during a watch', async () => {
    const { resourceVersion } = await listed(everywhere);
    const onOpen = async () => {
      await world.create('h');
      await world.remove('h');
    };
    const { words } = await watched(everywhere, resourceVersion, count(2), { onOpen });
    assert.deepEqual(withoutBookmarks(words), ['ADDED h', 'DELETED h']);
  });

  it('reports for a selector what begins and what stops to match, with a new resourceVersion', async () => {
    const selection = { ...here, selector: 'tier=x' };
    const { resourceVersion } = await listed(selection);
    await world.patch('c', { metadata: { labels: { tier: 'x' } } });
    const left = await world.patch('c', { metadata: { labels: { tier: 'y' } } });
    const { words, steps } = await watched(selection, resourceVersion, count(2));
    assert.deepEqual(withoutBookmarks(words), ['ADDED c', 'DELETED c']);
    const last = steps.at(-1);
    assert.ok(last?.is === 'event');
    assert.equal((last.object as Item).metadata.resourceVersion, left.metadata.resourceVersion);
  });

  it('ends a quiet watch in time, without an event', async () => {
    const { resourceVersion } = await listed(here);
    const { words } = await watched(here, resourceVersion, () => false, { timeoutSeconds: 3 });
    assert.deepEqual(withoutBookmarks(words), []);
  });

  it('ends a watch that reported something new with a bookmark', async () => {
    const { resourceVersion } = await listed(here);
    const onOpen = async () => void (await world.patch('b', { metadata: { labels: { team: 'b' } } }));
    const { words, steps } = await watched(here, resourceVersion, () => false, { timeoutSeconds: 5, onOpen });
    assert.deepEqual([words[0], words.at(-1)], ['MODIFIED b', 'bookmark']);
    const last = steps.at(-1);
    assert.ok(last?.is === 'bookmark' && BigInt(last.resourceVersion) > BigInt(resourceVersion));
  });

  it('answers that the first resourceVersion has expired', async () => {
    const { words } = await watched(here, '1', count(1));
    assert.deepEqual(words, ['expired']);
  });

  it('writes nothing if nothing changes, and counts a change of the status as one of the object', async () => {
    const before = await world.get('a');
    const same = await world.patch('a', { spec: before.spec });
    assert.equal(same.metadata.resourceVersion, before.metadata.resourceVersion);
    const after = await world.patch('a', { status: { health: { status: 'Healthy' } } });
    assert.ok(BigInt(after.metadata.resourceVersion) > BigInt(before.metadata.resourceVersion));
    assert.ok('generation' in after.metadata && 'generation' in before.metadata);
    assert.equal(Number(after.metadata.generation), Number(before.metadata.generation) + 1);
  });

  it('accepts the request for a refresh, and reports a missing Application', async () => {
    const ask = askByAnnotation(clusterOf(world.kubeconfig), { idleMs: 10_000 });
    const namespace = world.namespaces[0];
    assert.equal(await ask({ namespace, name: 'a' }, new Date('2026-03-01T12:00:00Z')), undefined);
    const { annotations } = (await world.get('a')).metadata;
    assert.deepEqual(annotations, {
      'argocd.argoproj.io/refresh': 'normal',
      'argocd.argoproj.io/refresh-timestamp': '2026-03-01T12:00:00.000Z',
    });
    assert.equal((await ask({ namespace, name: 'nobody' }, new Date()))?.kind, 'absent');
  });

  /** The same server with other credentials. */
  function stranger(): Cluster {
    return clusterBy(() => {
      const config = new KubeConfig();
      config.loadFromFile(world.kubeconfig);
      const server = config.getCurrentCluster();
      assert.ok(server);
      config.loadFromClusterAndUser(server, { name: 'stranger', token: 'expired' });
      return config;
    });
  }

  it('says what is wrong: credentials, kinds, selectors', async () => {
    const refusal = async (steps: AsyncIterable<ListStep | WatchStep>) => {
      for await (const step of steps) return step.is === 'refused' ? step.refusal : undefined;
      return undefined;
    };
    const options = { pageSize: 2, idleMs: 10_000, signal };
    const cluster = clusterOf(world.kubeconfig);
    assert.equal((await refusal(list(stranger(), here, options)))?.kind, 'unauthorized');
    const unknown = { ...here, plural: 'nosuchthings' as 'applications' };
    assert.equal((await refusal(list(cluster, unknown, options)))?.kind, 'absent');
    const malformed = await refusal(list(cluster, { ...here, selector: 'a=b=c' }, options));
    assert.equal(malformed?.kind, 'rejected');
    const timeoutSeconds = 5;
    const nonsense = await refusal(watch(cluster, here, 'nonsense', { timeoutSeconds, idleMs: 10_000, signal }));
    assert.equal(nonsense?.kind, 'failed');
  });

  describe('with the watcher on it', () => {
    let nats: NatsServer;
    let bus: Bus;
    let watcher: Service;
    const received: string[] = [];
    const hears = (words: string) => until(() => received.includes(words), { what: words, deadlineMs: 20_000 });

    before(async () => {
      nats = await startNats();
      bus = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
      await bus.consume('application.observed', async ({ data }) => {
        received.push(`${data.name} ${data.health.status}`);
        return done;
      });
      await bus.consume('application.gone', async ({ data }) => {
        received.push(`${data.name} gone`);
        return done;
      });
      await bus.consume('application.current', async () => {
        received.push('current');
        return done;
      });
      watcher = await startService({
        name: 'argo-watcher',
        entry,
        environment: {
          K8STA_NATS_URL: nats.url,
          KUBECONFIG: world.kubeconfig,
          K8STA_ARGO_NAMESPACES: world.namespaces.join(),
          K8STA_REFRESH: 'true',
          K8STA_HEARTBEAT_MS: '100',
          K8STA_WATCH_PAGE_SIZE: '2',
        },
      });
    });
    after(async () => {
      await watcher?.stop();
      await bus?.close();
      await nats?.stop();
    });

    it('publishes observations, and asks Argo CD for a refresh after a commit', async () => {
      await watcher.ready();
      await hears('f Unknown');
      await hears('current');
      await world.patch('b', { status: { health: { status: 'Degraded' } } });
      await hears('b Degraded');
      await world.remove('e');
      await hears('e gone');
      const [namespace] = world.namespaces;
      await bus.publish({
        type: 'application.refresh',
        id: 'application.refresh/b/1',
        data: { instance: 'default', namespace, name: 'b', message: 'behind', requestedAt: new Date().toISOString() },
      });
      const asked = async () => (await world.get('b')).metadata.annotations?.['argocd.argoproj.io/refresh'];
      assert.equal(await until(asked, { deadlineMs: 20_000 }), 'normal');
    });

    it('reports after a restart what has gone in the meantime', async () => {
      await watcher.kill();
      await world.remove('d');
      await watcher.restart();
      await hears('d gone');
    });
  });
});
