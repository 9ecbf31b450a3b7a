import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { listen } from './listen.js';

/** A chunk that passes the proxy, and its sender. */
export interface Passing {
  readonly from: 'client' | 'server';
  readonly bytes: Buffer;
}

/** What becomes of a chunk; bytes are forwarded instead of it. */
export type Verdict = 'forward' | 'drop' | Buffer;

/**
 * A proxy between a client and a TCP server, so that a test can watch from outside and act at a chosen moment. It awaits the
 * result of `watch` before it forwards or drops the chunk.
 */
export interface TcpProxy {
  readonly port: number;
  watch: ((passing: Passing) => Verdict | Promise<Verdict>) | undefined;
  /** Closes all connections and refuses new ones, as if the server were down. */
  cut(): void;
  /** Accepts connections again. */
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
    // One chunk at a time: a watcher that waits delays the next chunks, as a slow network would.
    let tail = Promise.resolve();
    source.setNoDelay(true);
    source.on('data', (bytes) => {
      tail = tail.then(async () => {
        const verdict = proxy.watch ? await proxy.watch({ from, bytes }) : undefined;
        if (verdict !== 'drop' && !sink.destroyed) sink.write(Buffer.isBuffer(verdict) ? verdict : bytes);
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
