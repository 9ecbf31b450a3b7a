import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { answerQuestions } from '../child.js';

/** The plain alternative: lists everything in pages, parses it, and keeps nothing. Returns the number of Applications. */
async function bareList(url: string, token: string, pageSize: number): Promise<number> {
  let count = 0;
  let next: string | undefined;
  do {
    const page = new URL(`${url}/apis/argoproj.io/v1alpha1/applications?limit=${pageSize}`);
    if (next) page.searchParams.set('continue', next);
    const asked = request(page, { headers: { Authorization: `Bearer ${token}` } }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const list = JSON.parse(Buffer.concat(chunks).toString()) as { items: unknown[]; metadata: { continue?: string } };
    count += list.items.length;
    next = list.metadata.continue;
  } while (next);
  return count;
}

export interface ListQuestions {
  list(input: { url: string; token: string; pageSize: number }): Promise<{ count: number; ms: number }>;
}

// In its own process, which starts as cold as the watcher's.
answerQuestions<ListQuestions>(
  {
    async list({ url, token, pageSize }) {
      const startedAt = performance.now();
      const count = await bareList(url, token, pageSize);
      return { count, ms: performance.now() - startedAt };
    },
  },
  async () => {},
);
