import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Accepted } from '../evidence.js';
import type { Push } from '../plan/plan.js';

const payloadFile = new URL('../../../services/ingest/src/senders/fixtures/dockerhub/push.json', import.meta.url);

const answerSchema = z.looseObject({
  tickets: z.array(z.looseObject({ track: z.string(), ticket: z.string() })).default([]),
});

/** How long a sender retries. */
const giveUpMs = 180_000;

interface Payload {
  readonly push_data: object;
  readonly repository: object;
}

/** Announces pushes as Docker Hub does, but again and again until ingest accepts them. */
export class Pusher {
  readonly accepted: Accepted[] = [];
  readonly #urls: readonly string[];
  readonly #payload: Payload;
  /** Pushes have been made in the hour before the run. */
  readonly #since = Math.floor(Date.now() / 1000) - 3_600;
  readonly #tails = new Map<string, Promise<void>>();
  #posts = 0;

  static async to(urls: readonly string[]): Promise<Pusher> {
    return new Pusher(urls, JSON.parse(await readFile(payloadFile, 'utf8')));
  }

  private constructor(urls: readonly string[], payload: Payload) {
    this.#urls = urls;
    this.#payload = payload;
  }

  /** In the order of the Track's pushes; other Tracks do not wait. */
  push(push: Push): void {
    const before = this.#tails.get(push.track) ?? Promise.resolve();
    const after = before.then(() => this.#untilAccepted(push));
    // finished() reports it.
    after.catch(() => {});
    this.#tails.set(push.track, after);
  }

  /** Resolves when all are accepted, and rejects when one was not accepted in time. */
  async finished(): Promise<void> {
    await Promise.all(this.#tails.values());
  }

  async #untilAccepted(push: Push): Promise<void> {
    const deadline = performance.now() + giveUpMs;
    for (let why = ''; ; await delay(100)) {
      const answer = await this.#post(push).catch((error: Error) => error);
      if (answer instanceof Error) why = answer.message;
      else if (answer.ok) return this.#accept(push, await answer.json());
      else why = `${answer.status}: ${await answer.text()}`;
      if (performance.now() > deadline) throw new Error(`ingest has not accepted ${push.track}:${push.tag}: ${why}`);
    }
  }

  #post({ track, tag, number }: Push): Promise<Response> {
    const image = `acme/${track}`;
    const body = {
      ...this.#payload,
      push_data: { ...this.#payload.push_data, tag, pushed_at: this.#since + number },
      repository: { ...this.#payload.repository, name: track, repo_name: image },
    };
    this.#posts += 1;
    return fetch(this.#urls[this.#posts % this.#urls.length] ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
  }

  #accept({ track, tag }: Push, answer: unknown): void {
    const { tickets } = answerSchema.parse(answer);
    for (const each of tickets) this.accepted.push({ track: each.track, tag, ticket: each.ticket });
    if (tickets.length === 0) throw new Error(`no Track subscribes to ${track}:${tag}`);
  }
}
