import { type BusEvent, type DataOf, eventId, promotionId, type Ticket } from '@k8sta/contracts';
import type { Change } from '../ride/decide.js';
import type { TrackEvent } from '../ride/event.js';
import { promotedBy } from '../ride/evidence.js';
import { requestId } from '../ride/plan-promotion.js';
import type { Promotion, TrackState } from '../ride/state.js';
import { statusesOf } from './statuses.js';

/** What a step publishes once it is saved. */
export interface Outbox {
  /** In this order. */
  readonly events: BusEvent[];
  /** The Tickets that changed, including those that ended. */
  readonly tickets: Ticket[];
  /** Those of them that ended. */
  readonly ended: string[];
}

/** What a step publishes about its changes. `version` is the version of the saved document. */
export function publish(history: readonly Change[], version: number): Outbox {
  const tickets = new Map<string, Ticket>();
  const ended: string[] = [];
  const events = history.flatMap((change, at) => {
    const { event, before, after } = change;
    const unique = `${version}.${at}`;
    if (event.type === 'left') ended.push(event.ticket);
    if (event.type === 'checked') return [checked(after.track, event, unique)];
    if (!('ticket' in event)) return [];
    const id = typeof event.ticket === 'string' ? event.ticket : event.ticket.id;
    const ticket = after.tickets[id]?.ticket;
    if (!ticket) return [];
    if (ticket !== before.tickets[id]?.ticket) tickets.set(id, ticket);
    return [...eventsOf(change, ticket, unique), ...statusesOf(change, contextOf(ticket))];
  });
  return { events, tickets: [...tickets.values()], ended };
}

type Context = Pick<BusEvent, 'ticketId' | 'traceparent'>;

function contextOf({ id, traceparent }: Ticket): Context {
  return { ticketId: id, traceparent };
}

function eventsOf({ event, after }: Change, ticket: Ticket, unique: string): BusEvent[] {
  const { id, track, image, state: now } = ticket;
  const head = { ticket: id, track, image };
  const as = contextOf(ticket);
  switch (event.type) {
    case 'waits':
    case 'syncs':
    case 'deadlineHalted':
    case 'deadlineResumed':
    case 'returned':
    case 'rerouted':
    case 'soaked':
      return waitToBus(ticket, as, unique);
    case 'promotes': {
      const { station, promotion, requests } = event;
      const data = { ...head, station, promotion, parts: requests.length };
      return [
        { type: 'ticket.promoting', id: eventId('ticket.promoting', promotion), ...as, data },
        ...requests.map((request) => requested(request, as)),
      ];
    }
    case 'rollsBack': {
      const { station, promotion, requests, to, failure } = event;
      const data = { ...head, station, promotion, parts: requests.length, to, ...failure };
      return [
        { type: 'ticket.rollingBack', id: eventId('ticket.rollingBack', promotion), ...as, data },
        ...requests.map((request) => requested(request, as)),
      ];
    }
    case 'branches':
    case 'childrenReissued':
      return event.children.map((child) => opened(child, ticket, event.station));
    case 'checkRequested': {
      const { station, name, of, until, at } = event;
      const data = { ...head, station, name, of, requestedAt: at, until };
      return [{ type: 'check.requested', id: eventId('check.requested', id, station, name), ...as, data }];
    }
    case 'cancelled': {
      const { station, by, message, at } = event;
      const data = { ...head, ...(station && { station }), by, message, cancelledAt: at };
      return [{ type: 'ticket.cancelled', id: eventId('ticket.cancelled', id), ...as, data }];
    }
    case 'reissued':
    case 'requestedAgain':
      return event.requests.map((request) => requested(request, as));
    case 'refreshAsked': {
      const observed = after.observations[event.application]?.observed;
      if (!observed) return [];
      const { instance, namespace, name } = observed;
      const data = { instance, namespace, name, message: event.message, requestedAt: event.at };
      return [{ type: 'application.refresh', id: eventId('application.refresh', id, unique), ...as, data }];
    }
    case 'arrived':
      return arrived(event, ticket, after, as);
    case 'completed': {
      const data = { ...head, completedAt: event.at, stations: ticket.stations };
      return [{ type: 'ticket.completed', id: eventId('ticket.completed', id), ...as, data }];
    }
    case 'failed': {
      const { reason, message, at } = event;
      const station = now.is === 'failed' && now.station ? { station: now.station } : {};
      const data = { ...head, ...station, reason, message, failedAt: at };
      return [{ type: 'ticket.failed', id: eventId('ticket.failed', id), ...as, data }];
    }
    case 'superseded': {
      const { by, reason, message, at } = event;
      const data = { ...head, ...(by !== undefined && { by }), reason, message, supersededAt: at };
      return [{ type: 'ticket.superseded', id: eventId('ticket.superseded', id), ...as, data }];
    }
    default:
      return [];
  }
}

function waitToBus({ id, track, image, state }: Ticket, as: Context, unique: string): BusEvent[] {
  const head = { ticket: id, track, image };
  if (state.is === 'waiting') {
    const { is: _is, ...waiting } = state;
    return [
      { type: 'ticket.waiting', id: eventId('ticket.waiting', id, unique), ...as, data: { ...head, ...waiting } },
    ];
  }
  if (state.is !== 'syncing') return [];
  const { station, promotion, reason, message, deadline } = state;
  const data = { ...head, station, promotion, reason, message, deadline };
  return [{ type: 'ticket.syncing', id: eventId('ticket.syncing', id, unique), ...as, data }];
}

/** A junction opens a Ticket on another Track: its tracker takes it as one that ingest opened. */
function opened(
  child: { track: string; ticket: string },
  { id, track, image, attempt, pushedAt, traceparent }: Ticket,
  station: string,
): BusEvent {
  const parent = { track, ticket: id, station };
  const data = { ...child, image, ...(attempt && { attempt }), sender: 'junction', pushedAt, parent };
  const as = { ticketId: child.ticket, traceparent };
  return { type: 'ticket.opened', id: eventId('ticket.opened', child.ticket), ...as, data };
}

function arrived(
  { station, at }: Extract<TrackEvent, { type: 'arrived' }>,
  { id, track, image }: Ticket,
  after: TrackState,
  as: Context,
): BusEvent[] {
  const live = after.tickets[id];
  const none: Promotion = { id: promotionId(id, station, 1), station, parts: [], applications: {} };
  const promotion = live?.promotion ?? none;
  const applications = promotedBy(promotion).flatMap(({ key, application, commit }) => {
    const { arrived: at, left } = promotion.applications[key] ?? {};
    if (left !== undefined) return [];
    return {
      namespace: application.namespace,
      name: application.name,
      commit: commit.commit ?? commit.revision,
      revision: at?.revision ?? '',
      ...(at?.rendered === false ? { noRenderedChange: true } : {}),
    };
  });
  const left = Object.values(promotion.applications).flatMap(({ left: why }) => why ?? []);
  const data = {
    ticket: id,
    track,
    image,
    station,
    promotion: promotion.id,
    applications,
    ...(left.length > 0 && { left }),
    arrivedAt: at,
  };
  return [{ type: 'ticket.arrived', id: eventId('ticket.arrived', promotion.id), ...as, data }];
}

function requested(request: DataOf<'promotion.requested'>, as: Context): BusEvent {
  const id = eventId('promotion.requested', ...requestId(request));
  return { type: 'promotion.requested', id, ...as, data: request };
}

function checked(track: string, { findings, at }: Extract<TrackEvent, { type: 'checked' }>, unique: string): BusEvent {
  const data = { track, findings, checkedAt: at };
  return { type: 'track.checked', id: eventId('track.checked', track, unique), data };
}
