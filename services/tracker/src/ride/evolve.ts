import { applicationKey, type Ticket, type TicketState } from '@k8sta/contracts';
import { observe } from '../observation.js';
import type { EventOf, RideEvent, TrackEvent } from './event.js';
import { projectKey } from './evidence.js';
import {
  arriveIn,
  breakIn,
  enter,
  openIn,
  relateStanding,
  resumeIn,
  rollBackIn,
  standIn,
  withLane,
} from './evolve-lane.js';
import { evolveLive } from './evolve-live.js';
import { evolvePromotion } from './evolve-promotion.js';
import { heldBy, laneOrderOf } from './lane.js';
import { requestedMessage } from './plan-promotion.js';
import type { LiveTicket, TrackState } from './state.js';

/** Applies an event. Does not mutate the given state. */
export function evolve(state: TrackState, event: TrackEvent): TrackState {
  switch (event.type) {
    case 'opened': {
      const { ticket } = event;
      return withTicket(
        withLane(state, ticket, (lane) => openIn(lane, laneOrderOf(ticket))),
        { ticket, ...event.with },
      );
    }
    case 'promotes':
    case 'rollsBack':
      return promote(state, event);
    case 'left': {
      const { [event.ticket]: _left, ...tickets } = state.tickets;
      return { ...state, tickets };
    }
    case 'observed': {
      const key = applicationKey(event.observed);
      return withObservation(state, key, observe(state.observations[key], event.observed));
    }
    case 'gone': {
      const known = state.observations[event.application];
      const { resourceVersion: goneAt } = event;
      if (!known) return state;
      return withObservation(state, event.application, { ...known, gone: true, ...(goneAt && { goneAt }) });
    }
    case 'projectObserved': {
      const { observed } = event;
      return { ...state, projects: { ...state.projects, [projectKey(observed.instance, observed.name)]: observed } };
    }
    case 'checked':
      return { ...state, findings: event.findings };
    case 'paused':
    case 'resumed': {
      const { station = '', at, sequence, by, message } = event;
      const paused = event.type === 'paused' ? { by, ...(message && { message }) } : {};
      return { ...state, pauses: { ...state.pauses, [station]: { at, sequence, ...paused } } };
    }
    case 'personAccepted':
      return resumeIn(state, event);
    case 'standingRelated':
      return relateStanding(state, event);
    default:
      return evolveRide(state, event);
  }
}

/** The Ticket, its promotion and its lane. */
function evolveRide(state: TrackState, event: RideEvent): TrackState {
  const live = state.tickets[event.ticket];
  if (!live) return state;
  const ticket = evolveTicket(live, event);
  const promotion = live.promotion && evolvePromotion(live.promotion, event);
  const next: LiveTicket = { ...live, ticket, ...(promotion && { promotion }) };
  const moved = withTicket(state, evolveLive(next, event));
  switch (event.type) {
    case 'branches':
      return withLane(moved, ticket, (lane) => enter(lane, event.station, laneOrderOf(ticket)));
    case 'syncs':
      return withLane(moved, ticket, (lane) => standIn(lane, next));
    case 'arrived':
      return withLane(moved, ticket, (lane) => arriveIn(lane, next, event));
    case 'rolledBack':
      return withLane(moved, ticket, (lane) => rollBackIn(lane, next, event));
    case 'failed':
      return withLane(moved, ticket, (lane) => breakIn(lane, next, event.at));
    default:
      return moved;
  }
}

/** The public part of the Ticket. */
function evolveTicket({ ticket, promotion }: LiveTicket, event: RideEvent): Ticket {
  const now = ticket.state;
  const become = (state: TicketState): Ticket => ({ ...ticket, state });
  switch (event.type) {
    case 'waits': {
      const { on, reason, message, until, at } = event;
      const why = { reason, message, ...(until !== undefined && { until }) };
      if (now.is === 'waiting') {
        const { until: _before, ...rest } = now;
        return become({ ...rest, on: on ?? now.on, ...why, since: at });
      }
      const isOnItsWay = now.is === 'promoting' || now.is === 'syncing' || now.is === 'rollingBack';
      return isOnItsWay ? become({ ...now, reason, message }) : ticket;
    }
    case 'syncs': {
      if (!promotion) return ticket;
      const commits = promotion.parts.flatMap(({ answer }) => (answer.is === 'committed' ? answer.commit : []));
      const { id, station } = promotion;
      const { deadline, at } = event;
      const message = 'committed; waiting for Argo CD';
      const waits = { deadline, reason: 'Committed', message, since: at } as const;
      const state: TicketState =
        now.is === 'rollingBack' ? { ...now, ...waits } : { is: 'syncing', station, promotion: id, ...waits };
      return { ...ticket, state, stations: lastStation(ticket, { commits, committedAt: at }) };
    }
    case 'deadlineResumed':
      return now.is === 'syncing' || now.is === 'rollingBack' ? become({ ...now, deadline: event.deadline }) : ticket;
    case 'arrived':
      return { ...ticket, state: arrived(event), stations: lastStation(ticket, { arrivedAt: event.at }) };
    case 'rolledBack':
      return { ...ticket, stations: lastStation(ticket, { arrivedAt: event.at }) };
    case 'branches': {
      const { station, children: tracks, at } = event;
      const attempt = attemptsAt(ticket, station) + 1;
      const record = { station, attempt, parts: tracks.length, requestedAt: at, commits: [], tracks };
      return { ...ticket, stations: [...ticket.stations, record] };
    }
    case 'soaked': {
      if (now.is !== 'waiting' || now.next === undefined) return become({ is: 'completed', since: event.at });
      const { until: _until, ...rest } = now;
      return become({ ...rest, on: 'block', reason: 'Arrived', message: `soaked at ${now.at}`, since: event.at });
    }
    case 'rerouted':
      return now.is === 'waiting' ? become({ ...now, next: event.next }) : ticket;
    case 'returned': {
      const at = ticket.stations.findLast(({ arrivedAt }) => arrivedAt !== undefined)?.station;
      const next = promotion?.station;
      const { message, at: since } = event;
      return become({
        is: 'waiting',
        ...(at && { at }),
        ...(next && { next }),
        on: 'pause',
        reason: 'Paused',
        message,
        since,
      });
    }
    case 'completed':
      return become({ is: 'completed', since: event.at });
    case 'failed': {
      const station = heldBy(ticket) ?? (now.is === 'waiting' ? now.at : undefined);
      return become({
        is: 'failed',
        ...(station !== undefined && { station }),
        reason: event.reason,
        message: event.message,
        since: event.at,
      });
    }
    case 'superseded': {
      const { by, reason, message, at } = event;
      return become({ is: 'superseded', ...(by !== undefined && { by }), reason, message, since: at });
    }
    case 'cancelled': {
      const { station, by, message, at } = event;
      return become({ is: 'cancelled', ...(station && { station }), by, message, since: at });
    }
    default:
      return ticket;
  }
}

/** Without a soak, the Ticket at its last Station is completed by the event that follows. */
function arrived({ station, next, soakUntil, at }: EventOf<'arrived'>): TicketState {
  const here = { is: 'waiting', at: station, ...(next !== undefined && { next }), since: at } as const;
  if (soakUntil !== undefined) {
    const message = `soaks at ${station} until ${soakUntil}`;
    return { ...here, on: 'soak', reason: 'Soaking', message, until: soakUntil };
  }
  if (next === undefined) return { is: 'completed', since: at };
  return { ...here, on: 'block', reason: 'Arrived', message: `arrived at ${station}` };
}

/** A rollback is a promotion, too: of the same Ticket into the same Station. */
function promote(state: TrackState, event: EventOf<'promotes' | 'rollsBack'>): TrackState {
  const { station, promotion: id, requests, at: since } = event;
  const live = state.tickets[event.ticket];
  const [first] = requests;
  if (!live || !first) return state;
  const { ticket, promotion: earlier, earlier: _dropped, ...rest } = live;
  const { notAfter } = first;
  const record = { station, attempt: attemptsAt(ticket, station) + 1, parts: requests.length, requestedAt: since };
  const head = { station, promotion: id, notAfter, since };
  const isRollback = event.type === 'rollsBack';
  const next: TicketState = isRollback
    ? {
        ...{ is: 'rollingBack', ...head, to: event.to, failure: event.failure, reason: 'RollbackRequested' },
        message: `${event.failure.message}; going back to ${event.to}`,
      }
    : { is: 'promoting', ...head, reason: 'CommitRequested', message: requestedMessage(requests.length) };
  const kind = isRollback ? ({ kind: 'rollback' } as const) : {};
  const parts = requests.map((request) => ({ request, answer: { is: 'open' as const } }));
  const moved = withTicket(state, {
    ...rest,
    ticket: { ...ticket, state: next, stations: [...ticket.stations, { ...record, ...kind, commits: [] }] },
    promotion: { id, station, parts, applications: {}, ...kind },
    // A pause before the commit sends the Ticket back to where this promotion brought it.
    ...(earlier && !isRollback && { earlier }),
  });
  return isRollback ? moved : withLane(moved, ticket, (lane) => enter(lane, station, laneOrderOf(ticket)));
}

/** How often the Ticket has entered the Station. */
export function attemptsAt({ stations }: Ticket, station: string): number {
  return stations.filter((record) => record.station === station).length;
}

function lastStation(ticket: Ticket, change: Partial<Ticket['stations'][number]>): Ticket['stations'] {
  return ticket.stations.map((record, at) => (at === ticket.stations.length - 1 ? { ...record, ...change } : record));
}

function withTicket(state: TrackState, live: LiveTicket): TrackState {
  return { ...state, tickets: { ...state.tickets, [live.ticket.id]: live } };
}

function withObservation(state: TrackState, key: string, observation: TrackState['observations'][string]): TrackState {
  return { ...state, observations: { ...state.observations, [key]: observation } };
}
