import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { refsOf } from './refs.js';

interface Advertisement {
  readonly refs: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/**
 * What git has answered to the first request of a fetch or a push, by the address of the request. While the refs stay the same, so
 * does this answer, for which git would start two processes: it is more than half of what a test asks of the server.
 */
export class Advertisements {
  readonly #kept = new Map<string, Advertisement>();

  /** Answers as before if no ref has changed; else `ask` lets git answer, and collects the body of the answer. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    directory: string,
    ask: (body: Buffer[]) => Promise<void>,
  ): Promise<void> {
    const key = `${request.headers['git-protocol'] ?? ''} ${request.url}`;
    const before = await refsOf(directory).catch(() => undefined);
    const kept = this.#kept.get(key);
    if (kept && kept.refs === before) {
      response.writeHead(200, kept.headers).end(kept.body);
      return;
    }
    const body: Buffer[] = [];
    await ask(body);
    const isWhole = response.statusCode === 200 && response.writableFinished;
    const after = await refsOf(directory).catch(() => undefined);
    if (!isWhole || before === undefined || after !== before) return;
    this.#kept.set(key, { refs: before, headers: response.getHeaders(), body: Buffer.concat(body) });
  }
}
