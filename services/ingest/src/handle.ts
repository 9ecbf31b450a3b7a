import type { Bus } from '@k8sta/bus';
import { type BusEvent, eventId, spellImage, ticketId } from '@k8sta/contracts';
import { within } from '@k8sta/runtime';
import { subscribers, type Track, whyNot } from '@k8sta/tracks';
import type { Delivery } from './senders/sender.js';

/** A Ticket as the sender of the webhook is told of it. */
export interface OpenedTicket {
  readonly track: string;
  readonly ticket: string;
  readonly image: string;
}

/** What follows from a webhook. */
export interface Consequence {
  readonly received: BusEvent;
  readonly opened: readonly BusEvent[];
  readonly tickets: readonly OpenedTicket[];
  /** Why the Tracks without a Ticket have none. */
  readonly reasons: readonly string[];
}

/** How a webhook came in. */
export interface Receipt {
  readonly sender: string;
  readonly receivedAt: Date;
  readonly traceparent: string;
}

/** Which Tickets a webhook opens on which Tracks. Pure. */
export function consequenceOf(delivery: Delivery, tracks: readonly Track[], receipt: Receipt): Consequence {
  const { sender, receivedAt, traceparent } = receipt;
  const opening = delivery.pushes.flatMap(({ image, pushedAt }) =>
    subscribers(tracks, image.repository, image.tag).map(({ name: track }) => {
      const ticket = ticketId(track, image);
      const event: BusEvent = {
        type: 'ticket.opened',
        id: eventId('ticket.opened', ticket),
        ticketId: ticket,
        traceparent,
        data: { ticket, track, image: { ...image }, sender, pushedAt: pushedAt.toISOString(), delivery: delivery.id },
      };
      return { event, told: { track, ticket, image: spellImage(image) } };
    }),
  );
  return {
    received: {
      type: 'delivery.received',
      id: eventId('delivery.received', sender, delivery.id),
      traceparent,
      data: {
        sender,
        delivery: delivery.id,
        receivedAt: receivedAt.toISOString(),
        contentType: delivery.contentType,
        body: delivery.body,
      },
    },
    opened: opening.map(({ event }) => event),
    tickets: opening.map(({ told }) => told),
    reasons: delivery.pushes.flatMap(({ image }) =>
      tracks.flatMap((track) => whyNot(track, image.repository, image.tag) ?? []),
    ),
  };
}

/** JetStream did not say in time that it holds every event. Some it may hold: they are published again under the same ids. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
}

/** Resolves once JetStream holds all events; throws {@link NotStored} when it has not said so in time. */
export async function store(
  bus: Pick<Bus, 'publish'>,
  { received, opened }: Pick<Consequence, 'received' | 'opened'>,
  withinMs: number,
): Promise<void> {
  const storing = (async () => {
    // The delivery first: whatever Ticket there is, it can be seen what it came from.
    await bus.publish(received);
    await Promise.all(opened.map((event) => bus.publish(event)));
  })();
  try {
    await within(withinMs, storing);
  } catch (error) {
    // An event that is not what its schema says is a defect of ours, which posting again would not mend.
    if (error instanceof TypeError) throw error;
    throw new NotStored((error as Error).message, { cause: error });
  }
}
