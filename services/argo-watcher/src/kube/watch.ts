import { formatIssues, tryParseJson } from '@k8sta/text';
import { z } from 'zod';
import type { Refusal, WatchStep } from '../source.js';
import type { Cluster } from './cluster.js';
import { lines } from './lines.js';
import { type Attempt, failed, refusalOfEvent } from './refusal.js';
import { heard, objectLimit, open, type Selection } from './request.js';
import { Silence } from './silence.js';

export interface WatchOptions {
  /** After how long the server ends the watch. If anything changed in that time, it sends a bookmark two seconds before. */
  readonly timeoutSeconds: number;
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly lineLimit?: number;
}

/**
 * Watches from a resourceVersion on, until the server ends the watch. A failure is the last step.
 *
 * This is not client-node's watch, which has no limit of silence, swallows what its handler throws and loses Retry-After.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function* watch(
  cluster: Cluster,
  selection: Selection,
  resourceVersion: string,
  options: WatchOptions,
): AsyncGenerator<WatchStep> {
  const attempt: Attempt = { verb: 'watch', ...selection };
  const query = {
    ...{ watch: 'true', allowWatchBookmarks: 'true', resourceVersion },
    timeoutSeconds: String(options.timeoutSeconds),
  };
  const silence = new Silence(options.idleMs, options.signal);
  try {
    const response = await open(cluster, attempt, selection, query, silence.signal);
    if ('kind' in response) return yield { is: 'refused', refusal: response };
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

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: z.unknown() }),
  z.object({
    type: z.literal('BOOKMARK'),
    object: z.object({ metadata: z.object({ resourceVersion: z.string().min(1) }) }),
  }),
  z.object({ type: z.literal('ERROR'), object: z.unknown() }),
]);

function stepOf(attempt: Attempt, line: string): WatchStep {
  const json = tryParseJson(line);
  // The error of JSON.parse quotes the line, and an Application may hold a secret.
  if (json === undefined) return refused(failed(attempt, 'a line is not valid JSON'));
  const event = eventSchema.safeParse(json);
  if (!event.success) return refused(failed(attempt, `a line is not a watch event: ${formatIssues(event.error)}`));
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
