import { readFile } from 'node:fs/promises';
import { unwrap } from '@k8sta/bus';
import type { Railway } from '@k8sta/sandbox';
import { connect } from 'nats';
import { z } from 'zod';
import { printCommits, stationShas } from './commits.js';
import { tellEvent } from './tell.js';

/** How long a whole ride may take here, in milliseconds. */
const rideMs = 120_000;

/** What Docker Hub posted when an image was pushed. */
const payloadFile = new URL('../../services/ingest/src/senders/fixtures/dockerhub-push.json', import.meta.url);

/** What ingest answers when a Ticket was opened. */
const accepted = z.object({
  tickets: z.tuple([z.object({ ticket: z.string(), image: z.string() })]).rest(z.unknown()),
});

/** Posts the webhook, tells what happens until the train has arrived, and returns the line that sums it up. */
export async function ride(railway: Railway, say: (line: string) => void, signal: AbortSignal): Promise<string> {
  const tap = await connect({ servers: railway.nats.url });
  try {
    const over = new Promise<void>((resolve, reject) => {
      tap.subscribe('k8sta.>', {
        callback: (_error, message) => {
          // Questions and their answers are no events.
          if (/^k8sta\.(git|api)\./.test(message.subject)) return;
          const line = tellEvent(message.string());
          if (line) say(line);
          if (message.subject.endsWith('.completed')) resolve();
          const failed = unwrap('ticket.failed', message.string());
          if ('event' in failed) reject(new Error(failed.event.data.reason));
        },
      });
      signal.addEventListener('abort', () => reject(signal.reason));
      setTimeout(() => reject(new Error(`the train did not arrive within ${rideMs / 1000} s`)), rideMs).unref();
    });
    // It may end before anybody waits for it.
    over.catch(() => {});
    await tap.flush();
    const { ticket, image } = await push(railway.webhookUrl, say);
    try {
      await over;
    } finally {
      printCommits(await railway.repository.log(), say);
    }
    return `completed ${ticket} ${image} ${stationShas(await railway.repository.log(), ticket)}`;
  } finally {
    await tap.close();
  }
}

async function push(webhookUrl: string, say: (line: string) => void): Promise<{ ticket: string; image: string }> {
  const answer = await fetch(webhookUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: await readFile(payloadFile),
  });
  const body = await answer.text();
  say(`ingest answered ${answer.status} ${body.trim()}`);
  const read = accepted.safeParse(JSON.parse(body));
  if (answer.status !== 202 || !read.success) throw new Error(`the webhook was not accepted: ${answer.status} ${body}`);
  return read.data.tickets[0];
}
