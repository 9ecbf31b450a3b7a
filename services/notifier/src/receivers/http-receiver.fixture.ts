import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from '@k8sta/sandbox';

export interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** How a receiver treats one request. `hangs` never answers, `drops` closes the connection after it has read the request. */
export type Treatment = Answer | 'hangs' | 'drops';

/** A real HTTP server on 127.0.0.1 that records what it gets. */
export interface HttpReceiver {
  readonly url: string;
  readonly got: readonly Got[];
  /** Treats the next requests so, one each, instead of answering as it would. */
  treat(...treatments: Treatment[]): void;
  /** Resolves when it has got so many requests. */
  count(requests: number): Promise<readonly Got[]>;
  stop(): Promise<void>;
}

export async function startHttpReceiver(answer: (got: Got) => Answer, port = 0): Promise<HttpReceiver> {
  const got: Got[] = [];
  const treatments: Treatment[] = [];
  const server = createServer(async (request, response) => {
    const each = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: await text(request),
    };
    got.push(each);
    respond(response, treatments.shift() ?? answer(each));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    treat: (...more) => void treatments.push(...more),
    async count(requests) {
      await until(() => got.length >= requests, { what: `${requests} requests`, deadlineMs: 30_000 });
      return got;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function respond(response: ServerResponse, treatment: Treatment): void {
  if (treatment === 'hangs') return;
  if (treatment === 'drops') {
    response.destroy();
    return;
  }
  const { status, headers = {}, body = '' } = treatment;
  response.writeHead(status, headers).end(body);
}
