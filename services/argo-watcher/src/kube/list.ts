import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { ListStep } from '../source.js';
import type { Cluster } from './cluster.js';
import { type Attempt, failed } from './refusal.js';
import { heard, open, type Selection } from './request.js';
import { Silence } from './silence.js';

export interface ListOptions {
  readonly pageSize: number;
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly pageLimit?: number;
}

/** The largest page in bytes: a page is in memory as a whole. */
const defaultPageLimit = 64 * 1024 * 1024;

const pageSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().min(1), continue: z.string().nullish() }),
  items: z.array(z.unknown()).nullish(),
});

/**
 * Lists page by page; all pages show the moment of the first. A refusal `expired` in the middle means that the token of the
 * next page is too old: the list has to start again.
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
      const page = await readPage(response, silence, options.pageLimit ?? defaultPageLimit);
      yield { is: 'items', items: page.items ?? [] };
      // Of the first page: whatever a server says about the later ones, a watch from here on misses nothing.
      resourceVersion ??= page.metadata.resourceVersion;
      token = page.metadata.continue || undefined;
    } catch (error) {
      return yield { is: 'refused', refusal: failed(attempt, whyOf(error, silence, options.idleMs)) };
    } finally {
      silence.abandon();
    }
  } while (token !== undefined);
  yield { is: 'listed', resourceVersion };
}

async function readPage(
  response: IncomingMessage,
  silence: Silence,
  limit: number,
): Promise<z.infer<typeof pageSchema>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of heard(response, silence)) {
    length += chunk.length;
    if (length > limit) throw new Error(`a page has more than ${limit} bytes: lower K8STA_WATCH_PAGE_SIZE`);
    chunks.push(chunk);
  }
  return pageSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}

function whyOf(error: unknown, silence: Silence, idleMs: number): string {
  if (silence.isTooLong) return `nothing was heard for ${idleMs} ms`;
  // The message of a SyntaxError quotes the answer, which may contain values that are secret.
  if (error instanceof SyntaxError) return 'the answer is not valid JSON';
  return error instanceof z.ZodError ? 'the answer is not a list' : (error as Error).message;
}
