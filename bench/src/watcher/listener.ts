import { connect } from 'nats';
import { z } from 'zod';

/** Receives what the watcher publishes. */
export interface Listener {
  /** The last published resourceVersion, by name. */
  readonly observed: ReadonlyMap<string, string>;
  /** Everything that was published, as `name/resourceVersion`. */
  readonly ids: ReadonlySet<string>;
  /** The time of the last heartbeat: the observations are current as of it. */
  readonly asOfMs: number;
  /** When the first heartbeat arrived. */
  current(): Promise<number>;
  close(): Promise<void>;
}

const messageSchema = z.object({
  type: z.string(),
  data: z.object({ name: z.string().optional(), resourceVersion: z.string().optional(), asOf: z.string().optional() }),
});

export async function listen(servers: string): Promise<Listener> {
  const connection = await connect({ servers });
  const observed = new Map<string, string>();
  const ids = new Set<string>();
  let asOfMs = 0;
  let resolveCurrent = (_atMs: number) => {};
  const current = new Promise<number>((resolve) => {
    resolveCurrent = resolve;
  });
  connection.subscribe('k8sta.application.>', {
    callback: (_error, message) => {
      const { type, data } = messageSchema.parse(message.json());
      if (type === 'application.current') {
        asOfMs = Date.parse(data.asOf ?? '');
        resolveCurrent(Date.now());
      } else if (type === 'application.observed') {
        observed.set(data.name ?? '', data.resourceVersion ?? '');
        ids.add(`${data.name}/${data.resourceVersion}`);
      }
    },
  });
  await connection.flush();
  return {
    observed,
    ids,
    get asOfMs() {
      return asOfMs;
    },
    current: () => current,
    close: () => connection.close(),
  };
}
