import type { Bus } from '@k8sta/bus';

/**
 * The moment up to which the observations of each Argo CD instance are known to be current. Each tracker reads the last
 * heartbeat itself and keeps it in memory: freshness is not state, so no document is written for it.
 */
export interface Freshness {
  /** By instance. */
  currentAsOf(): Readonly<Record<string, string>>;
  /** Whether every instance has published a heartbeat. */
  isComplete(): boolean;
  /** Reads the last heartbeat of each instance. */
  refresh(): Promise<void>;
}

export function readFreshness(bus: Pick<Bus, 'last' | 'hasHandled'>, instances: readonly string[]): Freshness {
  let known: Readonly<Record<string, string>> = {};
  const read = async (instance: string): Promise<void> => {
    const heartbeat = await bus.last('application.current', { instance });
    if (!heartbeat || Date.parse(heartbeat.data.asOf) <= Date.parse(known[instance] ?? '')) return;
    // The observations that the heartbeat vouches for may still be on their way to a tracker.
    const isHandled = await Promise.all([
      bus.hasHandled('application.observed', heartbeat.sequence),
      bus.hasHandled('application.gone', heartbeat.sequence),
    ]);
    if (isHandled.includes(false)) return;
    known = { ...known, [instance]: heartbeat.data.asOf };
  };
  return {
    currentAsOf: () => known,
    isComplete: () => instances.every((instance) => known[instance] !== undefined),
    async refresh() {
      await Promise.all(instances.map(read));
    },
  };
}
