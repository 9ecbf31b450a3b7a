import type { System } from '@k8sta/sandbox';
import { z } from 'zod';
import { commitLines, stationShas } from './commits.js';
import type { Output } from './output.js';
import type { Watch } from './watch.js';
import type { Webhook } from './webhook.js';

/** How long the whole ride may take, in milliseconds. */
const rideMs = 150_000;

/** The answer of ingest when it has opened a Ticket. */
export const accepted = z.object({
  tickets: z.tuple([z.object({ ticket: z.string(), image: z.string() })]).rest(z.unknown()),
});

interface RideOptions {
  readonly webhook: Webhook;
  readonly signal: AbortSignal;
  /** The message of a Ticket that waits until a person acts. */
  readonly waits: RegExp | undefined;
}

/** Posts the webhook, waits until the Ticket is completed, and returns a summary line. */
export async function ride(
  system: System,
  watch: Watch,
  output: Output,
  { webhook, signal, waits }: RideOptions,
): Promise<string> {
  const over = new Promise<void>((resolve, reject) => {
    watch.onEvent(({ type, data }) => {
      if (type === 'ticket.completed') resolve();
      if (type === 'ticket.failed') reject(new Error(data.message));
      if (type === 'ticket.syncing' && waits?.test(data.message))
        reject(new Error(`a person must act: ${data.message}`));
    });
    signal.addEventListener('abort', () => reject(signal.reason));
    setTimeout(() => reject(new Error(`the Ticket did not arrive within ${rideMs / 1000} s`)), rideMs).unref();
  });
  // It may reject before it is awaited.
  over.catch(() => {});
  const { ticket, image } = await push(webhook, output.say);
  try {
    await over;
  } finally {
    output.print(`${commitLines(await system.repository.log()).join('\n')}\n`);
  }
  return `completed ${ticket} ${image} ${stationShas(await system.repository.log(), ticket)}`;
}

async function push(
  { url, headers, body: posted }: Webhook,
  say: (line: string) => void,
): Promise<{ ticket: string; image: string }> {
  const answer = await fetch(url, { method: 'POST', headers, body: posted });
  const body = await answer.text();
  say(`ingest answered ${answer.status} ${body.trim()}`);
  const read = accepted.safeParse(JSON.parse(body));
  if (!answer.ok || !read.success) throw new Error(`the webhook was not accepted: ${answer.status} ${body}`);
  return read.data.tickets[0];
}
