import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, doublingMs, type Log, reasonOf } from '@k8sta/bus';
import type { RegistryClient } from './client.js';
import { RegistryFault } from './fault.js';
import { type OpenFoundOptions, openFound } from './open-found.js';
import { RepositoryPoll } from './poll.js';
import { seenOnBus } from './seen.js';

export interface PollingOptions extends OpenFoundOptions {
  readonly everyMs: number;
  readonly client: Pick<RegistryClient, 'tags' | 'digest'>;
  readonly bus: Pick<Bus, 'last' | 'publish' | 'ticket'>;
  readonly log: Log;
  /** Default: half a minute. */
  readonly settleMs?: number;
}

/** How many repositories are looked at side by side. */
const atATime = 4;

/** Looks for new tags of all subscribed repositories, again and again. */
export function startPolling(options: PollingOptions): { stop(): Promise<void> } {
  const { client, everyMs, settleMs = 30_000, tracks, bus, now, log } = options;
  const open = (found: Parameters<typeof openFound>[0]) => openFound(found, options);
  const repositories = [...new Set(tracks.flatMap(({ images }) => images.map(({ repository }) => repository)))];
  const polls = repositories.map((repository) => {
    const poll = new RepositoryPoll(repository, { tracks, client, store: seenOnBus(bus), open, now, log, settleMs });
    return { repository, poll };
  });
  const hosts = new HostPauses(everyMs, now);
  const ending = new AbortController();
  const running = (async () => {
    while (!ending.signal.aborted) {
      const waiting = [...polls];
      const work = async () => {
        for (let next = waiting.shift(); next && !ending.signal.aborted; next = waiting.shift()) {
          await look(next, hosts, log);
        }
      };
      await Promise.all(Array.from({ length: atATime }, work));
      // Replicas that started together do not ask together.
      await pause(everyMs * (0.9 + Math.random() * 0.2), undefined, { signal: ending.signal }).catch(() => {});
    }
  })();
  log.info({ repositories: polls.length, everyMs }, 'registry: looking for new tags');
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };
}

async function look(
  { repository, poll }: { readonly repository: string; readonly poll: RepositoryPoll },
  hosts: HostPauses,
  log: Log,
): Promise<void> {
  const host = repository.slice(0, repository.indexOf('/'));
  if (hosts.isPaused(host)) return;
  try {
    await poll.look();
    hosts.answered(host);
  } catch (error) {
    const isFault = error instanceof RegistryFault;
    const pausedMs = isFault && isOfHost(error) ? hosts.failed(host, error.retryAfterMs) : undefined;
    const reason = isFault ? error.reason : 'NotStored';
    const message = isFault ? error.message : reasonOf(error);
    log.warn({ repository, reason, message, pausedMs }, 'registry: could not be looked at, retrying');
  }
}

/** A repository that does not exist says nothing about the other repositories of its registry. */
function isOfHost({ reason }: RegistryFault): boolean {
  return reason === 'RegistryUnreachable' || reason === 'RegistryBusy';
}

/** How long the hosts that failed are left alone: as long as they say, or else twice as long each time, up to an hour. */
export class HostPauses {
  readonly #everyMs: number;
  readonly #now: () => Date;
  readonly #failed = new Map<string, { readonly failures: number; readonly until: number }>();

  constructor(everyMs: number, now: () => Date) {
    this.#everyMs = everyMs;
    this.#now = now;
  }

  isPaused(host: string): boolean {
    return (this.#failed.get(host)?.until ?? 0) > this.#now().getTime();
  }

  answered(host: string): void {
    this.#failed.delete(host);
  }

  /** Returns how long the host is left alone now, in milliseconds. */
  failed(host: string, retryAfterMs: number | undefined): number {
    const failures = (this.#failed.get(host)?.failures ?? 0) + 1;
    const ms = retryAfterMs ?? doublingMs(failures, { firstMs: this.#everyMs, mostMs: 3_600_000 });
    this.#failed.set(host, { failures, until: this.#now().getTime() + ms });
    return ms;
  }
}
