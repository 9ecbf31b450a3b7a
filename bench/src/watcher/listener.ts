import { connect } from 'nats';
import { z } from 'zod';

/** Whoever listens to what the watcher says. */
export interface Listener {
  /** By name: the resourceVersion that was told last. */
  readonly observed: ReadonlyMap<string, string>;
  /** Everything that was told: `name/resourceVersion`. */
  readonly ids: ReadonlySet<string>;
  /** As of when the picture was last said to be current. */
  readonly asOfMs: number;
  /** When the first heartbeat came. */
  current(): Promise<number>;
  close(): Promise<void>;
}

const said = z.object({
  type: z.string(),
  data: z.object({ name: z.string().optional(), resourceVersion: z.string().optional(), asOf: z.string().optional() }),
});

export async function listen(servers: string): Promise<Listener> {
  const connection = await connect({ servers });
  const observed = new Map<string, string>();
  const ids = new Set<string>();
  let asOfMs = 0;
  let sayCurrent = (_atMs: number) => {};
  const current = new Promise<number>((resolve) => {
    sayCurrent = resolve;
  });
  connection.subscribe('k8sta.application.>', {
    callback: (_error, message) => {
      const { type, data } = said.parse(message.json());
      if (type === 'application.current') {
        asOfMs = Date.parse(data.asOf ?? '');
        sayCurrent(Date.now());
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
