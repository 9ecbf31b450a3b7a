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
  const response = await get(urlOf(cluster, selection, query), await cluster.requestOptions(), signal);
  const { statusCode: code = 500, headers } = response;
  return code === 200 ? response : refusalOf(attempt, code, await beginningOf(response), headers['retry-after']);
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

async function get(url: URL, options: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { ...options, signal });
  // After the response has started, its reader gets the error of a broken connection. Without a listener, this event would
  // end the process.
  request.on('error', () => {});
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.length > refusalLimit) break;
  }
  return text;
}
