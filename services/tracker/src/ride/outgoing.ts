import { type BusEvent, type DataOf, eventId, type Ticket } from '@k8sta/contracts';
import type { TrackEvent } from './event.js';
import { promotedBy } from './evidence.js';
import { evolve } from './evolve.js';
import { requestId } from './parts.js';
import type { TrackState } from './state.js';

/** What a step changed, for everybody else. */
export interface Told {
  readonly state: TrackState;
  /** What goes onto the bus, in this order. */
  readonly events: BusEvent[];
  /** The Tickets that changed, as they are now; those whose ride is over for the last time. */
  readonly tickets: Ticket[];
  /** Tickets that are not remembered any longer. */
  readonly forgotten: string[];
}

/** Applies the events and says what is told of them. `version` is the version the state will be saved as. */
export function tell(before: TrackState, events: readonly TrackEvent[], version: number): Told {
  let state = before;
  const told: BusEvent[] = [];
  const tickets = new Map<string, Ticket>();
  const forgotten: string[] = [];
  events.forEach((event, at) => {
    const earlier = state;
    state = evolve(state, event);
    if (event.type === 'forgotten') forgotten.push(event.ticket);
    if (event.type === 'checked') told.push(checked(state.track, event, `${version}.${at}`));
    if (!('ticket' in event)) return;
    const id = typeof event.ticket === 'string' ? event.ticket : event.ticket.ticket;
    const ticket = state.riders[id]?.ticket ?? ended(earlier.riders[id]?.ticket, event);
    if (!ticket) return;
    tickets.set(id, ticket);
    told.push(...toBus(event, ticket, state, `${version}.${at}`));
  });
  return { state, events: told, tickets: [...tickets.values()], forgotten };
}

function checked(track: string, { findings, at }: Extract<TrackEvent, { type: 'checked' }>, unique: string): BusEvent {
  return {
    type: 'track.checked',
    id: eventId('track.checked', track, unique),
    data: { track, findings, checkedAt: at },
  };
}

/** The Ticket as it left the Track, which the Track's own state no longer holds. */
function ended(ticket: Ticket | undefined, event: TrackEvent): Ticket | undefined {
  if (!ticket) return undefined;
  const { state: now } = ticket;
  const at = now.is === 'promoting' || now.is === 'syncing' ? { station: now.station } : {};
  switch (event.type) {
    case 'completed':
      return { ...ticket, state: { is: 'completed', since: event.at } };
    case 'failed':
      return {
        ...ticket,
        state: { is: 'failed', reason: event.reason, message: event.message, since: event.at, ...at },
      };
    case 'superseded':
      return { ...ticket, state: { is: 'superseded', by: event.by, message: event.message, since: event.at } };
    default:
      return undefined;
  }
}

function toBus(event: TrackEvent, ticket: Ticket, state: TrackState, unique: string): BusEvent[] {
  const { ticket: id, track, image, state: now } = ticket;
  const head = { ticket: id, track, image };
  const as = { ticketId: id, traceparent: ticket.traceparent };
  if (event.type === 'waits' && now.is === 'waiting') {
    const { is: _is, ...waiting } = now;
    return [
      { type: 'ticket.waiting', id: eventId('ticket.waiting', id, unique), ...as, data: { ...head, ...waiting } },
    ];
  }
  if (event.type === 'promotes') {
    const { station, promotion, requests } = event;
    const data = { ...head, station, promotion, kind: 'forward' as const, parts: requests.length };
    return [
      { type: 'ticket.promoting', id: eventId('ticket.promoting', promotion), ...as, data },
      ...requests.map((request) => requested(request, as)),
    ];
  }
  if (event.type === 'reissued') return event.requests.map((request) => requested(request, as));
  if ((event.type === 'syncs' || event.type === 'explained') && now.is === 'syncing') {
    const { station, promotion, message, deadline } = now;
    const data = { ...head, station, promotion, message, deadline };
    return [{ type: 'ticket.syncing', id: eventId('ticket.syncing', id, unique), ...as, data }];
  }
  if (event.type === 'refreshAsked') {
    const observed = state.sightings[event.application]?.observed;
    if (!observed) return [];
    const { instance, namespace, name } = observed;
    const data = { instance, namespace, name, message: event.message, requestedAt: event.at };
    return [{ type: 'application.refresh', id: eventId('application.refresh', id, unique), ...as, data }];
  }
  if (event.type === 'arrived') {
    const promotion = state.riders[id]?.promotion;
    if (!promotion) return [];
    const applications = promotedBy(promotion).map(({ key, application, commit }) => ({
      namespace: application.namespace,
      name: application.name,
      commit: commit.commit ?? commit.revision,
      revision: promotion.arrived[key] ?? '',
      ...(promotion.unrendered?.includes(key) ? { noRenderedChange: true } : {}),
    }));
    const data = { ...head, station: event.station, promotion: promotion.id, applications, arrivedAt: event.at };
    return [{ type: 'ticket.arrived', id: eventId('ticket.arrived', promotion.id), ...as, data }];
  }
  return endToBus(ticket, as);
}

type Context = Pick<BusEvent, 'ticketId' | 'traceparent'>;

function requested(request: DataOf<'promotion.requested'>, as: Context): BusEvent {
  const id = eventId('promotion.requested', ...requestId(request));
  return { type: 'promotion.requested', id, ...as, data: request };
}

/** The last event of a Ticket. */
function endToBus(ticket: Ticket, as: Context): BusEvent[] {
  const { ticket: id, track, image, state: now } = ticket;
  const head = { ticket: id, track, image };
  if (now.is === 'completed') {
    const data = { ...head, completedAt: now.since, stations: ticket.stations };
    return [{ type: 'ticket.completed', id: eventId('ticket.completed', id), ...as, data }];
  }
  if (now.is === 'failed') {
    const { station, reason, message, since } = now;
    const data = { ...head, ...(station ? { station } : {}), reason, message, failedAt: since };
    return [{ type: 'ticket.failed', id: eventId('ticket.failed', id), ...as, data }];
  }
  if (now.is === 'superseded') {
    const data = { ...head, by: now.by, message: now.message, supersededAt: now.since };
    return [{ type: 'ticket.superseded', id: eventId('ticket.superseded', id), ...as, data }];
  }
  return [];
}
