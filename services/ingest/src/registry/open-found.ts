import { createHash } from 'node:crypto';
import type { Bus } from '@k8sta/bus';
import { type ImageRef, type Tracing, ticketId } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { type Opening, openTickets } from '../open-tickets.js';
import type { Storage } from '../storage.js';
import { traceOf } from '../trace.js';

/** A tag that is new in its registry. Registries do not say when it was pushed, so that is when it was first seen. */
export interface FoundTag {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly seenAt: Date;
}

export interface OpenFoundOptions {
  readonly tracks: readonly Track[];
  readonly storage: Pick<Storage, 'store'>;
  readonly bus: Pick<Bus, 'ticket'>;
  readonly now: () => Date;
  /** Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** As a webhook's sender is named, in events and logs. */
export const registrySender = 'registry-poll';

/**
 * Stores the tag as a delivery and opens its Tickets, as a webhook does. A Track that has a Ticket for this push already gets
 * none. A Ticket's id is that of a webhook without a digest, because some senders know none: whichever comes first, the id of
 * the second is found. Returns the ids of the new Tickets.
 */
export async function openFound(found: FoundTag, options: OpenFoundOptions): Promise<string[]> {
  const { tracing } = options;
  if (!tracing) return open(found, options, traceOf(undefined));
  const start = { name: `found ${registrySender}`, kind: 'internal', parent: undefined, isRoot: true } as const;
  return tracing.span(start, (span) => open(found, options, span?.traceparent ?? traceOf(undefined)));
}

async function open(found: FoundTag, options: OpenFoundOptions, traceparent: string): Promise<string[]> {
  const { repository, tag, digest, seenAt } = found;
  const body = JSON.stringify({ repository, tag, digest });
  const delivery = {
    id: createHash('sha256').update(body).digest('hex'),
    contentType: 'application/json',
    body,
    pushes: [{ image: { repository, tag }, pushedAt: seenAt }],
  };
  const receipt = { sender: registrySender, receivedAt: options.now(), traceparent };
  const { received, openings } = openTickets(delivery, options.tracks, receipt);
  const isNew = await Promise.all(openings.map((opening) => isUnknown(opening, { repository, tag, digest }, options)));
  const opened = openings.filter((_opening, at) => isNew[at]).map(({ event }) => withDigest(event, digest));
  if (opened.length === 0) return [];
  const stored = await options.storage.store(received, opened);
  return [...stored.values()].filter(({ isRepeat }) => !isRepeat).map(({ ticket }) => ticket);
}

async function isUnknown({ named }: Opening, image: ImageRef, { bus }: OpenFoundOptions): Promise<boolean> {
  const ids = [named.ticket, ticketId(named.track, image)];
  const tickets = await Promise.all(ids.map((id) => bus.ticket(named.track, id)));
  return tickets.every((ticket) => ticket === undefined);
}

function withDigest(event: Opening['event'], digest: string): Opening['event'] {
  return { ...event, data: { ...event.data, image: { ...event.data.image, digest } } };
}
