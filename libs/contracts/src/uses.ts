import { announcements } from './announcements.js';
import { catalogue, type Definition, type EventType } from './catalogue.js';
import type { Service } from './definition.js';
import { questions } from './questions.js';
import { apiServer, noticeKeeper, streamKeeper, ticketReaders, watchers } from './streams.js';

type AnyQuestion = (typeof questions)[number];
type AnyAnnouncement = (typeof announcements)[number];

/**
 * What a service does on the bus. The bus refuses any other call, and the permissions of the service's NATS user are computed
 * from this, so there is only one list.
 */
export interface Uses {
  readonly publishes: readonly Definition[];
  /** With a durable of its own. */
  readonly consumes: readonly Definition[];
  /** Reads back from the stream, message by message, without a durable. */
  readonly reads: readonly Definition[];
  readonly asks: readonly AnyQuestion[];
  readonly answers: readonly AnyQuestion[];
  /** Says to its other replicas, and hears from them. */
  readonly announces: readonly AnyAnnouncement[];
  /** Answers what operators ask and say: every verb of the API. */
  readonly servesApi: boolean;
  /** Creates and changes the streams, and owns the state bucket. */
  readonly keepsStreams: boolean;
  /** Looks up Tickets in the state bucket. */
  readonly readsTickets: boolean;
  /** Reads and writes the bucket of notices. */
  readonly keepsNotices: boolean;
  /** Follows the events and the state bucket, and asks the API as the actor of its own name. */
  readonly watches: boolean;
}

/** What the catalogue and the questions say about the service. */
export function usesOf(service: Service): Uses {
  const has = (services: readonly Service[] = []) => services.includes(service);
  return {
    publishes: catalogue.filter(({ publishers }) => has(publishers)),
    consumes: catalogue.filter(({ consumers }) => has(consumers)),
    reads: catalogue.filter(({ readers }) => has(readers)),
    asks: questions.filter(({ askedBy }) => askedBy === service),
    answers: questions.filter(({ answeredBy }) => answeredBy === service),
    announces: announcements.filter((announcement) => announcement.service === service),
    servesApi: service === apiServer,
    keepsStreams: service === streamKeeper,
    readsTickets: has(ticketReaders),
    keepsNotices: service === noticeKeeper,
    watches: has(watchers),
  };
}

/** Everything that can be done on the bus: for a test that acts as every service at once. */
export const everyUse: Uses = {
  publishes: catalogue,
  consumes: catalogue,
  reads: catalogue,
  asks: questions,
  answers: questions,
  announces: announcements,
  servesApi: true,
  keepsStreams: true,
  readsTickets: true,
  keepsNotices: true,
  watches: true,
};

/** How a service uses an event. */
export type EventUse = 'publishes' | 'consumes' | 'reads';

export function usesEvent(uses: Uses, use: EventUse, type: EventType): boolean {
  return uses[use].some((definition) => definition.type === type);
}
