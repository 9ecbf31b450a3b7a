import { BusRefusal, type Tap } from '@k8sta/bus';
import { deliveryReplay } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { findWebhook, storedWebhooks } from './stored.js';

const answerMs = 15_000;

export interface Output {
  /** 0 if every Track that subscribes has its Ticket. */
  readonly code: 0 | 1;
  readonly text: string;
}

/** Asks ingest to handle a stored webhook again. */
export async function replayWebhook(tap: Tap, id: string): Promise<Output> {
  const { sequence, event } = findWebhook(await storedWebhooks(tap), id);
  const { sender, delivery } = event.data;
  const reply = await tap.ask(deliveryReplay, { sender, delivery, sequence }, answerMs);
  if (!reply) throw new BusRefusal(`no ingest answered within ${answerMs / 1_000} s; replaying again does no harm`);
  const { outcome, message, tickets = [], more = 0 } = reply;
  const isDone = outcome === 'opened' || outcome === 'repeated';
  const lines = tickets.map((ticket) => {
    const { repeats } = ticket as { repeats?: { state?: unknown } };
    const state = repeats ? `repeats a Ticket that is ${String(repeats.state)}` : 'opened';
    return `${ticket.track}: Ticket ${ticket.ticket} of ${ticket.image}: ${state}`;
  });
  const text = [...lines, ...(more > 0 ? [`and ${more} more`] : []), ...(message ? [message] : [])];
  return { code: isDone ? 0 : 1, text: `${[outcome, ...text.map((line) => sanitizeLine(line))].join('\n  ')}\n` };
}
