import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { listen } from './listen.js';

/** A chunk that passes the proxy, and who sent it. */
export interface Passing {
  readonly from: 'client' | 'server';
  readonly bytes: Buffer;
}

export type Verdict = 'forward' | 'drop';

/**
 * Stands between a client and a TCP server, so that a test can look on from outside and act at a chosen moment: what
 * `watch` returns is awaited before the chunk goes on or is dropped.
 */
export interface TcpProxy {
  readonly port: number;
  watch: ((passing: Passing) => Verdict | Promise<Verdict>) | undefined;
  /** Ends all connections and refuses new ones, as if the server were away. */
  cut(): void;
  /** Lets connections in again. */
  mend(): void;
  stop(): Promise<void>;
}

export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = dial({ host: '127.0.0.1', port: targetPort });
    join('client', client, upstream);
    join('server', upstream, client);
  });
  const join = (from: Passing['from'], source: Socket, sink: Socket) => {
    sockets.add(source);
    // One chunk after the other: a watcher that waits holds up what comes behind, as a slow network would.
    let tail = Promise.resolve();
    source.setNoDelay(true);
    source.on('data', (bytes) => {
      tail = tail.then(async () => {
        const verdict = proxy.watch ? await proxy.watch({ from, bytes }) : undefined;
        if (verdict !== 'drop' && !sink.destroyed) sink.write(bytes);
      });
    });
    source.on('error', () => {});
    source.on('close', () => {
      sockets.delete(source);
      tail.then(() => sink.destroy());
    });
  };
  const proxy: TcpProxy = {
    port: await listen(server),
    watch: undefined,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return proxy;
}
