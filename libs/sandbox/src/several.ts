import type { Server } from './server.js';

/** Several servers as one: what a test does to it happens to all of them. A test that means one takes it from `nodes`. */
export function asOneServer(nodes: readonly Server[], removeData: () => Promise<void>): Server {
  const [first] = nodes;
  if (!first) throw new Error('there are no servers');
  const all = (work: (node: Server) => Promise<void>) => async () => void (await Promise.all(nodes.map(work)));
  return {
    url: nodes.map(({ url }) => url).join(','),
    port: first.port,
    get pid() {
      return first.pid;
    },
    get isRunning() {
      return nodes.some(({ isRunning }) => isRunning);
    },
    lastOutput: () => nodes.map((node) => node.lastOutput()).join('\n'),
    kill: (signal) => all((node) => node.kill(signal))(),
    restart: all((node) => node.restart()),
    async stop() {
      const stopped = await Promise.allSettled(nodes.map((node) => node.stop()));
      await removeData();
      for (const each of stopped) if (each.status === 'rejected') throw each.reason;
    },
  };
}

/** Starts all; if one cannot start, it stops the others. */
export async function startAll<S extends { stop(): Promise<void> }>(
  starts: readonly (() => Promise<S>)[],
): Promise<S[]> {
  const started = await Promise.allSettled(starts.map((start) => start()));
  const failed = started.find((each) => each.status === 'rejected');
  const servers = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (!failed) return servers;
  await Promise.all(servers.map((server) => server.stop()));
  throw failed.reason;
}
