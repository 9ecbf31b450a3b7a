import type { Bus, Log, Unwrapped } from '@k8sta/bus';
import { deliveryReplay } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Track } from '@k8sta/tracks';
import type { z } from 'zod';
import { answerTickets } from './answer.js';
import { openTickets } from './open-tickets.js';
import { registrySender } from './registry/open-found.js';
import type { Verifier } from './registry/verify.js';
import { type Judged, withStored } from './repeat.js';
import { NotStored, type Storage } from './storage.js';
import { traceOf } from './trace.js';

type Request = z.output<typeof deliveryReplay.request>;
type Reply = z.input<typeof deliveryReplay.reply>;
type Stored = Unwrapped<'delivery.received'>['data'];

export interface ReplayOptions {
  readonly bus: Pick<Bus, 'at' | 'answer'>;
  readonly tracks: readonly Track[];
  readonly storage: Pick<Storage, 'store'>;
  readonly judge: (openings: readonly Judged[], withinMs: number) => Promise<Judged[]>;
  readonly log: Log;
  /** Default: every sender is believed. */
  readonly verifier?: Pick<Verifier, 'verify'>;
}

const judgeWithinMs = 5_000;

/**
 * Answers an operator who asks for a stored webhook to be handled again. The operator names it, and only what its sender once
 * proved is in the stream, so a replay proves as much as the webhook did.
 */
export function answerReplays(options: ReplayOptions): void {
  options.bus.answer(deliveryReplay, async (request) => {
    const reply = await replay(request, options);
    const { sender, delivery } = request;
    options.log.info({ sender, delivery, outcome: reply.outcome, tickets: reply.tickets?.length }, 'webhook replayed');
    return reply;
  });
}

/** Opens the Tickets that the webhook would open now; those that exist are repeats, as when its sender posts it again. */
async function replay(request: Request, options: ReplayOptions): Promise<Reply> {
  const event = await options.bus.at('delivery.received', request.sequence);
  if (!event || event.data.sender !== request.sender || event.data.delivery !== request.delivery) {
    return { outcome: 'notFound', message: 'the stream does not hold this webhook any more' };
  }
  if (event.data.sender === registrySender) {
    return { outcome: 'notReplayable', message: 'a look at a registry opened these Tickets, and no webhook' };
  }
  if (!event.data.pushes) {
    return { outcome: 'notReplayable', message: 'an older version stored this webhook, without what it read of it' };
  }
  const receipt = {
    sender: event.data.sender,
    provenBy: event.data.provenBy,
    receivedAt: new Date(event.data.receivedAt),
    traceparent: event.traceparent ?? traceOf(undefined),
  };
  // What no Track subscribed to when it came was not verified.
  const verified = (await options.verifier?.verify(receipt.sender, deliveryOf(event.data))) ?? deliveryOf(event.data);
  if ('contradicted' in verified) return { outcome: 'notReplayable', message: verified.message };
  if ('unverifiable' in verified) return { outcome: 'notReplayable', message: verified.unverifiable.message };
  const { received, openings, notSubscribed } = openTickets(verified, options.tracks, receipt);
  if (notSubscribed) return { outcome: 'notSubscribed', message: notSubscribed.message };
  const judged = await options.judge(openings, judgeWithinMs);
  const opened = judged.filter(({ repeat }) => !repeat).map(({ event: each }) => each);
  try {
    const stored = await options.storage.store(received, opened);
    const { outcome, body } = answerTickets(withStored(judged, stored));
    return { outcome: outcome === 'opened' ? 'opened' : 'repeated', ...body };
  } catch (error) {
    if (!(error instanceof NotStored)) throw error;
    return { outcome: 'notStored', message: sanitizeLine(error.message) };
  }
}

function deliveryOf({ delivery, contentType, body, pushes = [] }: Stored) {
  const read = pushes.map(({ image, pushedAt }) => ({ image, pushedAt: new Date(pushedAt) }));
  return { id: delivery, contentType, body, pushes: read };
}
