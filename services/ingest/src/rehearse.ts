import type { Track } from '@k8sta/tracks';
import { type Consequence, openTickets } from './open-tickets.js';
import { senders } from './senders/index.js';
import type { Ignored, Refused } from './senders/sender.js';

/** A webhook as it would arrive, without its proof. */
export interface Rehearsal {
  readonly sender: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  readonly tracks: readonly Track[];
  readonly now: Date;
}

export const senderNames: readonly string[] = senders.map(({ name }) => name);

/** What would follow from a webhook, for a person who tries one; nothing is stored. Undefined if there is no such sender. Pure. */
export function rehearse({
  sender: name,
  headers,
  bytes,
  tracks,
  now,
}: Rehearsal): Consequence | Ignored | Refused | undefined {
  const sender = senders.find((each) => each.name === name);
  if (!sender) return undefined;
  const delivery = sender.read(headers, bytes, now);
  if ('refusal' in delivery || 'ignored' in delivery) return delivery;
  return openTickets(delivery, tracks, { sender: name, receivedAt: now, traceparent: '' });
}
