import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { oneLine, spellIssues } from '@k8sta/contracts';
import { z } from 'zod';
import type { Refusal, WatchStep } from '../source.js';
import type { Cluster } from './cluster.js';
import { lines } from './lines.js';
import { applicationsResource, type Selection } from './list.js';
import { type Attempt, failed, refusalOf, refusalOfEvent } from './refusal.js';
import { Silence } from './silence.js';

export interface WatchOptions {
  /** After how long the server is to end the watch. It sends a bookmark two seconds before. */
  readonly timeoutSeconds: number;
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly lineLimit?: number;
}

/** etcd takes objects of 1.5 MB, which grow a little on their way through the API server. */
const objectLimit = 16 * 1024 * 1024;
const refusalLimit = 64 * 1024;

/**
 * Watches from a resourceVersion on, until the server ends it or something else does, which is the last step.
 *
 * Our own, since client-node's has no limit of silence, swallows what its handler throws and loses Retry-After.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function* watch(
  cluster: Cluster,
  selection: Selection,
  resourceVersion: string,
  options: WatchOptions,
): AsyncGenerator<WatchStep> {
  const attempt: Attempt = { verb: 'watch', namespace: selection.namespace };
  const silence = new Silence(options.idleMs, options.signal);
  try {
    const url = urlOf(cluster, selection, resourceVersion, options.timeoutSeconds);
    const response = await open(url, await cluster.requestOptions(), silence.signal);
    if (response.statusCode !== 200) {
      const body = await beginningOf(response);
      const refusal = refusalOf(attempt, response.statusCode ?? 500, body, response.headers['retry-after']);
      return yield { is: 'refused', refusal };
    }
    yield { is: 'open' };
    for await (const line of lines(heard(response, silence), options.lineLimit ?? objectLimit)) {
      if (line !== '') yield stepOf(attempt, line);
    }
  } catch (error) {
    const why = silence.isTooLong ? `nothing was heard for ${options.idleMs} ms` : (error as Error).message;
    yield { is: 'refused', refusal: failed(attempt, why) };
  } finally {
    silence.abandon();
  }
}

function urlOf(cluster: Cluster, { namespace, selector }: Selection, resourceVersion: string, timeoutSeconds: number) {
  const { group, version, plural } = applicationsResource;
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const url = new URL(`${cluster.server}/apis/${group}/${version}${within}/${plural}`);
  url.searchParams.set('watch', 'true');
  url.searchParams.set('allowWatchBookmarks', 'true');
  url.searchParams.set('resourceVersion', resourceVersion);
  url.searchParams.set('timeoutSeconds', String(timeoutSeconds));
  if (selector !== undefined) url.searchParams.set('labelSelector', selector);
  return url;
}

async function open(url: URL, options: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { ...options, signal });
  // Once there is a response its reader is told of a connection that breaks; unheard, this event would end the process.
  request.on('error', () => {});
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function* heard(response: IncomingMessage, silence: Silence): AsyncGenerator<Buffer> {
  for await (const chunk of response) {
    silence.heard();
    yield chunk;
  }
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.length > refusalLimit) break;
  }
  return text;
}

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: z.unknown() }),
  z.object({
    type: z.literal('BOOKMARK'),
    object: z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) }),
  }),
  z.object({ type: z.literal('ERROR'), object: z.unknown() }),
]);

function stepOf(attempt: Attempt, line: string): WatchStep {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    return refused(failed(attempt, `a line is no JSON: ${oneLine((error as Error).message, 200)}`));
  }
  const event = eventSchema.safeParse(json);
  if (!event.success) return refused(failed(attempt, `a line is no event: ${spellIssues(event.error)}`));
  switch (event.data.type) {
    case 'ERROR':
      return refused(refusalOfEvent(attempt, event.data.object));
    case 'BOOKMARK':
      return { is: 'bookmark', resourceVersion: event.data.object.metadata.resourceVersion };
    default:
      return { is: 'event', type: event.data.type, object: event.data.object };
  }
}

function refused(refusal: Refusal): WatchStep {
  return { is: 'refused', refusal };
}
