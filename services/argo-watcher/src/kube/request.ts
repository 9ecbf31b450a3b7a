import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Refusal } from '../source.js';
import type { Cluster } from './cluster.js';
import { type Attempt, refusalOf } from './refusal.js';
import type { Silence } from './silence.js';

/** A selection of Argo CD's objects. */
export interface Selection {
  readonly plural: 'applications' | 'appprojects';
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** A label selector. */
  readonly selector: string | undefined;
}

export const argoResources = { group: 'argoproj.io', version: 'v1alpha1' } as const;

/** etcd stores objects of up to 1.5 MB, which grow a little in the API server. */
export const objectLimit = 16 * 1024 * 1024;

const refusalLimit = 64 * 1024;

/** Sends a GET. Resolves with the response, whose body was not read yet, or with the server's refusal. */
export async function open(
  cluster: Cluster,
  attempt: Attempt,
  selection: Selection,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage | Refusal> {
  const response = await send(urlOf(cluster, selection, query), await cluster.requestOptions(), signal);
  return response.statusCode === 200 ? response : refused(attempt, response);
}

/** Changes one object by a merge patch (RFC 7386). Undefined when the server has done it. */
export async function patch(
  cluster: Cluster,
  attempt: Attempt & { readonly namespace: string; readonly name: string },
  change: object,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const url = urlOf(cluster, { ...attempt, selector: undefined }, {});
  url.pathname += `/${encodeURIComponent(attempt.name)}`;
  const options = await cluster.requestOptions();
  const headers = { ...options.headers, 'Content-Type': 'application/merge-patch+json' };
  const response = await send(url, { ...options, headers, method: 'PATCH' }, signal, JSON.stringify(change));
  return response.statusCode === 200 ? undefined : refused(attempt, response);
}

/** The body; each of its chunks is a sign of life. */
export async function* heard(response: IncomingMessage, silence: Silence): AsyncGenerator<Buffer> {
  for await (const chunk of response) {
    silence.heard();
    yield chunk;
  }
}

function urlOf(cluster: Cluster, { plural, namespace, selector }: Selection, query: Readonly<Record<string, string>>) {
  const { group, version } = argoResources;
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const url = new URL(`${cluster.server}/apis/${group}/${version}${within}/${plural}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  if (selector !== undefined) url.searchParams.set('labelSelector', selector);
  return url;
}

async function send(url: URL, options: RequestOptions, signal: AbortSignal, body?: string): Promise<IncomingMessage> {
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { ...options, signal });
  // After the response has started, its reader gets the error of a broken connection. Without a listener, this event would
  // end the process.
  request.on('error', () => {});
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function refused(attempt: Attempt, response: IncomingMessage): Promise<Refusal> {
  const { statusCode: code = 500, headers } = response;
  return refusalOf(attempt, code, await beginningOf(response), headers['retry-after']);
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.length > refusalLimit) break;
  }
  return text;
}
