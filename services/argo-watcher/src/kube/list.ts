import { z } from 'zod';
import type { ListStep } from '../source.js';
import type { Cluster } from './cluster.js';
import { ItemReader } from './items.js';
import { type Attempt, failed } from './refusal.js';
import { heard, objectLimit, open, type Selection } from './request.js';
import { Silence } from './silence.js';

export interface ListOptions {
  readonly pageSize: number;
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/** A page, without its items. */
const pageSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1), continue: z.string().nullish() }),
});

/**
 * Lists page by page; all pages show the moment of the first. Objects are passed on as they arrive, so that no page is ever
 * whole in memory. A refusal `expired` in the middle means that the token of the next page is too old, and the list must
 * start again.
 */
export async function* list(cluster: Cluster, selection: Selection, options: ListOptions): AsyncGenerator<ListStep> {
  const attempt: Attempt = { verb: 'list', ...selection };
  let token: string | undefined;
  let resourceVersion: string | undefined;
  do {
    const silence = new Silence(options.idleMs, options.signal);
    try {
      const query = { limit: String(options.pageSize), ...(token !== undefined && { continue: token }) };
      const response = await open(cluster, attempt, selection, query, silence.signal);
      if ('kind' in response) return yield { is: 'refused', refusal: response };
      const reader = new ItemReader(objectLimit);
      for await (const chunk of heard(response, silence)) {
        const items = reader.push(chunk);
        if (items.length > 0) yield { is: 'items', items };
      }
      const { metadata } = pageSchema.parse(reader.end());
      // That of the first page: a watch from there misses nothing, even if the later pages differ.
      resourceVersion ??= metadata.resourceVersion;
      token = metadata.continue || undefined;
    } catch (error) {
      return yield { is: 'refused', refusal: failed(attempt, whyOf(error, silence, options.idleMs)) };
    } finally {
      silence.abandon();
    }
  } while (token !== undefined);
  yield { is: 'listed', resourceVersion };
}

function whyOf(error: unknown, silence: Silence, idleMs: number): string {
  if (silence.isTooLong) return `nothing was heard for ${idleMs} ms`;
  if (error instanceof z.ZodError) return 'the answer is not a list';
  // The error of JSON.parse quotes the answer, and an Application may hold a secret.
  return error instanceof SyntaxError ? 'the answer is not valid JSON' : (error as Error).message;
}
