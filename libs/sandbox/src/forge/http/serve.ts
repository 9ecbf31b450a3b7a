import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Certificate } from '../../certificate.js';
import { type HttpServer, serveHttp } from '../../http-server.js';
import type { Answer, ForgeRequest } from './call.js';
import type { ApiFault } from './fault.js';

export interface Served {
  /** The path of the API below the URL of the server. */
  readonly base: string;
  readonly certificate: Certificate | undefined;
  /** What goes wrong with this request. Sees every request first. */
  readonly fault: (request: ForgeRequest) => ApiFault | undefined | Promise<ApiFault | undefined>;
  readonly refuse: (fault: ApiFault) => Answer | undefined;
  readonly answer: (request: ForgeRequest, url: string) => Promise<Answer>;
  /** Requests outside of the API. */
  readonly other: (request: ForgeRequest) => Promise<Answer>;
}

const mostBytes = 1_000_000;

/** The HTTP side that the three have in common: faults, JSON, ETags. */
export async function serveApi(served: Served): Promise<HttpServer> {
  const stopping = new AbortController();
  const { certificate } = served;
  const server = await serveHttp(
    (request, response) => {
      const { signal } = stopping;
      exchange(request, response, { ...served, url: server.url, signal }).catch(() => response.destroy());
    },
    { certificate },
  );
  return {
    url: server.url,
    stop() {
      stopping.abort();
      return server.stop();
    },
  };
}

async function exchange(
  incoming: IncomingMessage,
  response: ServerResponse,
  { url, signal, ...served }: Served & { url: string; signal: AbortSignal },
): Promise<void> {
  const body = await read(incoming);
  const { pathname, search } = new URL(incoming.url ?? '/', url);
  const isApi = pathname.startsWith(`${served.base}/`);
  const path = isApi ? pathname.slice(served.base.length) : pathname;
  const { method = 'GET', headers } = incoming;
  const request: ForgeRequest = { method, path, query: search.slice(1), body, headers };
  if (!isApi) return send(request, response, await served.other(request));
  const fault = await served.fault(request);
  if (fault?.is === 'delay') await delay(fault.ms, undefined, { signal });
  if (fault?.is === 'hang') return;
  if (fault?.is === 'drop') return void response.destroy();
  const answer = (fault && served.refuse(fault)) ?? (await served.answer(request, `${url}${pathname}`));
  if (fault?.is === 'loseAnswer') return void response.destroy();
  send(request, response, answer);
}

function send(request: ForgeRequest, response: ServerResponse, { status, body, headers = {} }: Answer): void {
  if (body === undefined) return void response.writeHead(status, headers).end();
  const isText = typeof body === 'string';
  const text = isText ? body : JSON.stringify(body);
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`;
  if (request.method === 'GET' && status === 200) {
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { ...headers, etag }).end();
    response.setHeader('etag', etag);
  }
  response.writeHead(status, { 'content-type': type, ...headers }).end(text);
}

/** The JSON of the body; what is not JSON becomes undefined. */
async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new Error('The body is too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
