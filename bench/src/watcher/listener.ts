import { connect } from 'nats';
import { z } from 'zod';

/** Receives what the watcher publishes. */
export interface Listener {
  /** How many Applications the bus has stored. */
  stored(): Promise<number>;
  /**
   * Starts to record the observations. Not before the first list is over: on a machine with two cores the record would take
   * part of the time that is measured.
   */
  record(): Promise<void>;
  /** Everything that was published since then, as `name/resourceVersion`. */
  readonly ids: ReadonlySet<string>;
  /** The time of the last heartbeat: the observations are current as of it. */
  readonly asOfMs: number;
  /** When the first heartbeat arrived. */
  current(): Promise<number>;
  close(): Promise<void>;
}

const observedSchema = z.object({ data: z.object({ name: z.string(), resourceVersion: z.string() }) });
const currentSchema = z.object({ data: z.object({ asOf: z.string() }) });

export async function listen(servers: string): Promise<Listener> {
  const connection = await connect({ servers });
  const manager = await connection.jetstreamManager();
  const ids = new Set<string>();
  let asOfMs = 0;
  let resolveCurrent = (_atMs: number) => {};
  const current = new Promise<number>((resolve) => {
    resolveCurrent = resolve;
  });
  connection.subscribe('k8sta.application.*.current', {
    callback: (_error, message) => {
      asOfMs = Date.parse(currentSchema.parse(message.json()).data.asOf);
      resolveCurrent(Date.now());
    },
  });
  await connection.flush();
  return {
    async stored() {
      const { state } = await manager.streams.info('K8STA_APPLICATIONS', {
        subjects_filter: 'k8sta.application.*.*.*.observed',
      });
      return Object.keys(state.subjects ?? {}).length;
    },
    async record() {
      connection.subscribe('k8sta.application.*.*.*.observed', {
        callback: (_error, message) => {
          const { name, resourceVersion } = observedSchema.parse(message.json()).data;
          ids.add(`${name}/${resourceVersion}`);
        },
      });
      await connection.flush();
    },
    ids,
    get asOfMs() {
      return asOfMs;
    },
    current: () => current,
    close: () => connection.close(),
  };
}
