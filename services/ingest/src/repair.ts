import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, type Log, reasonOf } from '@k8sta/bus';
import type { ImageRef } from '@k8sta/contracts';
import { openedBy } from './opens.js';
import type { Storage } from './storage.js';
import { isSamePush, type TicketOpened } from './ticket-publisher.js';

export interface RepairOptions {
  readonly bus: Pick<Bus, 'last' | 'at' | 'ticket'>;
  /** Everyone whose deliveries are stored. */
  readonly senders: readonly string[];
  readonly storage: Pick<Storage, 'store'>;
  /** Ends the repair early. */
  readonly signal: AbortSignal;
}

/** How many of the newest deliveries are looked at. Their stream keeps them for a day. */
const mostDeliveries = 10_000;

/** The stream has no gaps, but an event of a newer version cannot be read. */
const mostUnreadable = 100;

/**
 * Publishes the Tickets of stored deliveries that do not exist: a replica may be killed after it stored a delivery and before it
 * published what follows, and not every sender posts again. Only what the delivery itself says that it opens is published, so a
 * Track that subscribes since then gets nothing. Other replicas may do the same at the same time: the messages have the same ids,
 * and the tracker opens a Ticket once. Returns the ids of the Tickets.
 */
export async function repair(options: RepairOptions): Promise<string[]> {
  const { storage, signal } = options;
  const repaired: string[] = [];
  for (const event of await missingTickets(options)) {
    if (signal.aborted) break;
    const stored = await storage.store(undefined, [event]);
    for (const { ticket, isRepeat } of stored.values()) if (!isRepeat) repaired.push(ticket);
  }
  return repaired;
}

/** Repairs in the background, until it has succeeded once or is stopped. */
export function startRepair(options: Omit<RepairOptions, 'signal'> & { readonly log: Log }): { stop(): Promise<void> } {
  const { log } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const running = (async () => {
    while (!signal.aborted) {
      try {
        const tickets = await repair({ ...options, signal });
        const ticketid = tickets.slice(0, 20).join(' ');
        if (tickets.length > 0) log.warn({ tickets: tickets.length, ticketid }, 'Tickets of stored webhooks published');
        return;
      } catch (error) {
        log.warn({ message: reasonOf(error) }, 'stored webhooks could not be checked, retrying');
        await pause(10_000, undefined, { signal }).catch(() => {});
      }
    }
  })();
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };
}

/** What the newest deliveries open and the tracker does not know, the oldest first. */
async function missingTickets({ bus, senders, signal }: RepairOptions): Promise<TicketOpened[]> {
  const missing: TicketOpened[] = [];
  // A push may have joined the Ticket of another delivery, which knew its digest or did not.
  const known = new Map<string, ImageRef[]>();
  const newest = await newestDelivery(bus, senders);
  let unreadable = 0;
  for (let back = 0; back < Math.min(newest, mostDeliveries) && unreadable < mostUnreadable; back++) {
    if (signal.aborted) return [];
    const delivery = await bus.at('delivery.received', newest - back);
    unreadable = delivery ? 0 : unreadable + 1;
    for (const event of delivery ? openedBy(delivery) : []) {
      const ticket = await bus.ticket(event.data.track, event.data.ticket);
      if (ticket) known.set(keyOf(event), [...(known.get(keyOf(event)) ?? []), ticket.image]);
      else missing.unshift(event);
    }
  }
  return missing.filter((event) => !known.get(keyOf(event))?.some((image) => isSamePush(image, event.data.image)));
}

function keyOf({ data: { track, image, attempt = 1 } }: TicketOpened): string {
  return `${track}/${image.repository}:${image.tag}/${attempt}`;
}

async function newestDelivery(bus: RepairOptions['bus'], senders: readonly string[]): Promise<number> {
  const last = await Promise.all(senders.map((sender) => bus.last('delivery.received', { sender })));
  return Math.max(0, ...last.map((event) => event?.sequence ?? 0));
}
