import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Certificate } from './certificate.js';
import { listen } from './listen.js';

export interface HttpServerOptions {
  readonly port?: number | undefined;
  /** Serves https:// with it. */
  readonly certificate?: Certificate | undefined;
}

export interface HttpServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Closes all connections, too. */
  stop(): Promise<void>;
}

/** Serves HTTP on 127.0.0.1, in this process. */
export async function serveHttp(listener: RequestListener, options: HttpServerOptions = {}): Promise<HttpServer> {
  const { certificate } = options;
  const server = certificate
    ? createTlsServer(
        { cert: await readFile(certificate.certFile), key: await readFile(certificate.keyFile) },
        listener,
      )
    : createServer(listener);
  const port = await listen(server, options.port);
  return {
    // By name, because libgit2 does not accept a certificate for an IP address.
    url: certificate ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
