import { catalogue, type Definition, type EventType } from './catalogue.js';
import type { Service } from './definition.js';
import { questions } from './questions.js';
import { streamKeeper, ticketReaders } from './streams.js';

type AnyQuestion = (typeof questions)[number];

/**
 * What a service does on the bus. The bus refuses a call that is not in here, and the permissions of the service's NATS
 * user are computed from it: there is no second list.
 */
export interface Uses {
  readonly publishes: readonly Definition[];
  /** By a durable of its own. */
  readonly consumes: readonly Definition[];
  /** Reads back from the stream, message by message, without a durable. */
  readonly reads: readonly Definition[];
  readonly asks: readonly AnyQuestion[];
  readonly answers: readonly AnyQuestion[];
  /** Creates and changes the streams, and owns the state bucket. */
  readonly keepsStreams: boolean;
  /** Looks up Tickets in the state bucket. */
  readonly readsTickets: boolean;
}

/** What the catalogue and the questions say of the service. */
export function usesOf(service: Service): Uses {
  const has = (services: readonly Service[] = []) => services.includes(service);
  return {
    publishes: catalogue.filter(({ publishers }) => has(publishers)),
    consumes: catalogue.filter(({ consumers }) => has(consumers)),
    reads: catalogue.filter(({ readers }) => has(readers)),
    asks: questions.filter(({ askedBy }) => askedBy === service),
    answers: questions.filter(({ answeredBy }) => answeredBy === service),
    keepsStreams: service === streamKeeper,
    readsTickets: has(ticketReaders),
  };
}

/** Everything that can be done on the bus: for a test that plays every service at once. */
export const everyUse: Uses = {
  publishes: catalogue,
  consumes: catalogue,
  reads: catalogue,
  asks: questions,
  answers: questions,
  keepsStreams: true,
  readsTickets: true,
};

/** Which verb of the bus an event is used with. */
export type EventUse = 'publishes' | 'consumes' | 'reads';

export function usesEvent(uses: Uses, use: EventUse, type: EventType): boolean {
  return uses[use].some((definition) => definition.type === type);
}
