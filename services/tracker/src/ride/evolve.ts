import { applicationKey, type TicketState } from '@k8sta/contracts';
import { observe } from '../observation.js';
import type { EventOf, RideEvent, TrackEvent } from './event.js';
import { projectKey } from './evidence.js';
import {
  arriveIn,
  breakIn,
  dropArrivals,
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
import { attemptsAt, evolveTicket, withProposals } from './evolve-ticket.js';
import { laneOrderOf } from './lane.js';
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
  const next: LiveTicket = { ...live, ticket: withProposals(ticket, promotion), ...(promotion && { promotion }) };
  const moved = withTicket(state, evolveLive(next, event));
  switch (event.type) {
    case 'branches':
      return withLane(moved, ticket, (lane) => enter(lane, event.station, laneOrderOf(ticket)));
    // Already with the first part of several: the others may fail.
    case 'partCommitted':
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

/** A rollback is a promotion, too: of the same Ticket into the same Station. */
function promote(state: TrackState, event: EventOf<'promotes' | 'rollsBack'>): TrackState {
  const { station, promotion: id, requests, at: since } = event;
  const live = state.tickets[event.ticket];
  const [first] = requests;
  if (!live || !first) return state;
  const { ticket, promotion: earlier, earlier: _dropped, ending, ...rest } = live;
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
    // What it was to end as is part of the failure; the promoter commits nothing for a Ticket that is to end.
    ...(ending && !isRollback && { ending }),
    // A pause before the commit sends the Ticket back to where this promotion brought it.
    ...(earlier && !isRollback && { earlier }),
  });
  if (isRollback) return withLane(moved, ticket, (lane) => dropArrivals(lane, station, ticket.image));
  return withLane(moved, ticket, (lane) => enter(lane, station, laneOrderOf(ticket)));
}

function withTicket(state: TrackState, live: LiveTicket): TrackState {
  return { ...state, tickets: { ...state.tickets, [live.ticket.id]: live } };
}

function withObservation(state: TrackState, key: string, observation: TrackState['observations'][string]): TrackState {
  return { ...state, observations: { ...state.observations, [key]: observation } };
}
