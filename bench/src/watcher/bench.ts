import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { connectBus } from '@k8sta/bus';
import { type NatsServer, type Service, startNats, startService, until } from '@k8sta/sandbox';
import { type Child, startChild } from '../child.js';
import type { Figure, Report } from '../figure.js';
import { memoryOf } from '../memory.js';
import type { Orders } from './api-process.js';
import type { ListQuestions } from './bare-list.js';
import { type Listener, listen } from './listener.js';
import type { Update } from './updates.js';

export interface WatcherBenchOptions {
  readonly applications: number;
  readonly kilobytes: number;
  readonly updates: number;
  /** Arguments of the watcher's Node.js: to profile it, or to try limits. */
  readonly node: readonly string[];
}

interface World {
  readonly options: WatcherBenchOptions;
  /** The process that plays the Kubernetes API. */
  readonly api: Child<Orders>;
  readonly at: { kubeconfig: string; url: string; token: string };
  readonly watcher: Service;
  readonly listener: Listener;
  readonly report: Report;
}

/** Resolves a file by its package's name, in the source or in the build. */
const require = createRequire(import.meta.url);

/** As the watcher does it by default, and kubectl. */
const pageSize = 500;

/** Measures the watcher in its own process, started as it is deployed. */
export async function watcherBench(options: WatcherBenchOptions, onFigure: (figure: Figure) => void): Promise<void> {
  const ends: (() => Promise<unknown>)[] = [];
  const report: Report = (figure) => onFigure({ bench: 'watcher', ...figure });
  try {
    const nats: NatsServer = await startNats();
    ends.push(() => nats.stop());
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    // The watcher waits for the streams, which only the tracker creates.
    await (await connectBus({ service: 'tracker', connection: { servers: nats.url }, log })).close();
    const api = startChild<Orders>('@k8sta/bench/watcher/api-process');
    ends.push(() => api.stop());
    const at = await api.ask('start', options);
    report({ figure: 'size of an Application', value: at.bytes / 1000, unit: 'KB' });
    const bareMs = await measureBareList(options, at);
    const listener = await listen(nats.url);
    ends.push(() => listener.close());
    const watcher = await startService({
      name: 'argo-watcher',
      entry: pathToFileURL(require.resolve('@k8sta/argo-watcher')).href,
      environment: { K8STA_NATS_URL: nats.url, KUBECONFIG: at.kubeconfig, K8STA_HEARTBEAT_MS: '1000' },
      nodeArguments: options.node,
    });
    ends.push(() => watcher.stop());
    const world: World = { options, api, at, watcher, listener, report };
    await measureFirstHeartbeat(world, bareMs);
    await measureUpdates(world);
    await measureThroughput(world);
    await measureRelist(world);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function measureBareList(options: WatcherBenchOptions, { url, token }: World['at']): Promise<number> {
  let listed = { count: 0, ms: 0 };
  // The first round warms the server up.
  for (let round = 0; round < 2; round++) {
    const child = startChild<ListQuestions>('@k8sta/bench/watcher/bare-list');
    listed = await child.ask('list', { url, token, pageSize }).finally(() => child.stop());
  }
  if (listed.count !== options.applications) throw new Error(`the list holds ${listed.count} Applications`);
  return listed.ms;
}

async function measureFirstHeartbeat(
  { api, watcher, listener, options, report }: World,
  bareMs: number,
): Promise<void> {
  const currentAtMs = await listener.current();
  const ms = currentAtMs - (await api.ask('listedAt'));
  const stored = await listener.stored();
  if (stored !== options.applications) throw new Error(`the bus has stored ${stored} Applications`);
  await listener.record();
  report({
    ...{
      figure: 'time to the first heartbeat, compared with a bare list',
      value: ms / 1000,
      unit: 's',
      reference: bareMs / 1000,
    },
    ...{ ratio: ms / bareMs, goal: { of: 'ratio', is: '<=', limit: 1.5 } },
  });
  const { peak } = await memoryOf(watcher.pid);
  report({ figure: 'peak memory (RSS) of the first list', value: peak, unit: 'MB', goal: megabytes });
}

const megabytes = { of: 'value', is: '<=', limit: 300 } as const;

async function measureUpdates({ api, listener, options, report }: World): Promise<void> {
  const made = await api.ask('update', options.updates);
  await lastOf(made, listener);
  const meaningless = made.filter(({ isMeaningful }) => !isMeaningful);
  const published = meaningless.filter(({ id }) => listener.ids.has(id));
  report({
    ...{ figure: 'meaningless updates that were suppressed', unit: '%' },
    ...{ value: 100 * (1 - published.length / meaningless.length), goal: { of: 'value', is: '>=', limit: 95 } },
  });
}

async function measureThroughput({ api, listener, options, report }: World): Promise<void> {
  const made = await api.ask('updateUnseen', options.updates);
  await lastOf(made, listener);
  const ms = Date.now() - (await api.ask('watchedAt'));
  report({ figure: 'watch events handled, at full speed', value: options.updates / (ms / 1000), unit: '/s' });
}

/** Events arrive in order, so the last update implies all others. */
async function lastOf(made: readonly Update[], listener: Listener): Promise<void> {
  const last = made.at(-1)?.id ?? '';
  await until(() => listener.ids.has(last), { what: `the update ${last}`, deadlineMs: 120_000, everyMs: 5 });
}

async function measureRelist({ api, watcher, listener, report }: World): Promise<void> {
  await api.ask('forget');
  const requestedMs = Date.now();
  await until(() => listener.asOfMs >= requestedMs, { what: 'a heartbeat after a new list', deadlineMs: 120_000 });
  const { rss, peak } = await memoryOf(watcher.pid);
  report({ figure: 'peak memory (RSS), with a second list', value: peak, unit: 'MB', goal: megabytes });
  report({ figure: 'memory (RSS) after that', value: rss, unit: 'MB' });
}
