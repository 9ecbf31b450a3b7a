import type { z } from 'zod';
import type { EventOf } from './definition.js';
import { applicationCurrent } from './events/application-current.js';
import { applicationGone } from './events/application-gone.js';
import { applicationObserved } from './events/application-observed.js';
import { applicationRefresh } from './events/application-refresh.js';
import { checkRequested } from './events/check-requested.js';
import { deadLetter } from './events/dead-letter.js';
import { deliveryReceived } from './events/delivery-received.js';
import { operatorWordEvent } from './events/operator-word.js';
import { projectObserved } from './events/project-observed.js';
import { promotionCommitted } from './events/promotion-committed.js';
import { promotionDelayed } from './events/promotion-delayed.js';
import { promotionFailed } from './events/promotion-failed.js';
import { promotionProposed } from './events/promotion-proposed.js';
import { promotionRequested } from './events/promotion-requested.js';
import { promotionStarted } from './events/promotion-started.js';
import { proposalChanged } from './events/proposal-changed.js';
import { registryListed } from './events/registry-listed.js';
import { statusRequested } from './events/status-requested.js';
import { ticketArrived } from './events/ticket-arrived.js';
import { ticketCancelled } from './events/ticket-cancelled.js';
import { ticketCompleted } from './events/ticket-completed.js';
import { ticketFailed } from './events/ticket-failed.js';
import { ticketOpened } from './events/ticket-opened.js';
import { ticketPromoting } from './events/ticket-promoting.js';
import { ticketRollingBack } from './events/ticket-rolling-back.js';
import { ticketSuperseded } from './events/ticket-superseded.js';
import { ticketSyncing } from './events/ticket-syncing.js';
import { ticketWaiting } from './events/ticket-waiting.js';
import { trackChecked } from './events/track-checked.js';
import type { TokensOf } from './subject.js';

/** Every event. Subjects, streams, permissions, JSON Schemas and the reference page are derived from this list. */
export const catalogue = [
  deliveryReceived,
  ticketOpened,
  ticketWaiting,
  ticketPromoting,
  ticketSyncing,
  ticketRollingBack,
  ticketArrived,
  ticketCompleted,
  ticketFailed,
  ticketSuperseded,
  ticketCancelled,
  promotionRequested,
  promotionStarted,
  promotionDelayed,
  promotionProposed,
  proposalChanged,
  statusRequested,
  promotionCommitted,
  promotionFailed,
  operatorWordEvent,
  checkRequested,
  applicationObserved,
  applicationGone,
  applicationCurrent,
  applicationRefresh,
  projectObserved,
  trackChecked,
  registryListed,
  deadLetter,
] as const;

export type Definition = (typeof catalogue)[number];
export type EventType = Definition['type'];

/** The definition of one type of event. */
export type DefinitionOf<Type extends EventType> = Extract<Definition, { type: Type }>;

/** Any event, before it is wrapped: `{type, id, data}`, discriminated by its type. */
export type BusEvent = { [Type in EventType]: EventOf<DefinitionOf<Type>> }[EventType];

/** The tokens of the subject of an event of this type. */
export type TokensFor<Type extends EventType> = { [Each in EventType]: TokensOf<DefinitionOf<Each>['pattern']> }[Type];

/** What an event of this type carries. */
export type DataOf<Type extends EventType> = z.infer<DefinitionOf<Type>['schema']>;

const byType = new Map<string, Definition>(catalogue.map((definition) => [definition.type, definition]));

/** The definition of this type; undefined if the catalogue has none, as for a message of a newer version. */
export function definitionOf(type: string): Definition | undefined {
  return byType.get(type);
}

/** A deterministic message id. It begins with the type, because JetStream deduplicates across the subjects of a stream. */
export function eventId(type: EventType, ...parts: (string | number)[]): string {
  return [type, ...parts].join('/');
}
