import type { Bus } from '@k8sta/bus';
import { type ApplicationRef, applicationKey } from '@k8sta/contracts';
import type { Logger } from '@k8sta/runtime';
import type { Clock } from './clock.js';
import { departedFrom } from './departed.js';
import { Follower } from './follow.js';
import { Heartbeat } from './heartbeat.js';
import type { Metrics } from './metrics.js';
import { applications } from './observe.js';
import { Outbox } from './outbox.js';
import { followProjects } from './projects.js';
import type { ObjectSource } from './source.js';

export interface WatcherOptions {
  readonly instance: string;
  /** One per namespace, or one for all of them. */
  readonly sources: readonly ObjectSource[];
  /** The same for AppProjects. */
  readonly projectSources: readonly ObjectSource[];
  readonly bus: Pick<Bus, 'publish' | 'stored' | 'last'>;
  readonly idleMs: number;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Keeps the observations of one Argo CD's Applications on the bus current. */
export interface Watcher {
  /** Why the observations may not be current, as a sentence; undefined while they are. */
  readonly fault: string | undefined;
  /** Whether every Application was listed once. */
  readonly isListed: boolean;
  knows(application: ApplicationRef): boolean;
  stop(): Promise<void>;
}

export function startWatcher(options: WatcherOptions): Watcher {
  const { instance, bus, clock, log, metrics } = options;
  const startedMs = clock.now();
  const ended = new AbortController();
  const outbox = new Outbox({ bus, clock, log, onPublished: metrics.published });
  const followers = options.sources.map(
    (source) =>
      new Follower({
        ...{ kind: applications(instance), source, outbox, clock, log },
        findDeparted: departedFrom(bus, instance, source.namespace),
        idleMs: options.idleMs,
        onSeen: metrics.seen,
        onList: metrics.listed,
        onOpen: () => void outbox.flushed().then(() => heartbeat.beat()),
      }),
  );
  const faultOf = () => followers.find(({ fault }) => fault !== undefined)?.fault;
  const publishedUpToMs = () => Math.min(outbox.publishedUpToMs, ...followers.map(({ heardAtMs }) => heardAtMs));
  const asOfMs = () => {
    const upToMs = publishedUpToMs();
    return faultOf() === undefined && Number.isFinite(upToMs) ? upToMs : undefined;
  };
  const heartbeat = new Heartbeat({ instance, bus, log, asOfMs });
  metrics.read({
    applications: () => followers.reduce((sum, { known }) => sum + known.size, 0),
    waiting: () => outbox.size,
    lagMs: () => clock.now() - Math.max(startedMs, publishedUpToMs()),
  });
  const beating = async () => {
    while (!ended.signal.aborted) {
      await clock.pause(options.heartbeatMs, ended.signal);
      await heartbeat.beat();
    }
  };
  const running = [
    beating(),
    ...followers.map((follower) => follower.run(ended.signal)),
    followProjects({ ...options, sources: options.projectSources }, ended.signal),
  ];
  return {
    get fault() {
      return faultOf();
    },
    get isListed() {
      return followers.every(({ isListed }) => isListed);
    },
    knows: (application) => followers.some(({ known }) => known.has(applicationKey(application))),
    async stop() {
      ended.abort();
      await Promise.all(running);
      await outbox.close();
    },
  };
}
