import { applicationKey, type Ticket, type TicketState } from '@k8sta/contracts';
import { observe } from '../observation.js';
import type { TrackEvent } from './event.js';
import { projectKey } from './evidence.js';
import { evolvePromotion } from './evolve-promotion.js';
import { isNewer, laneOrderOf } from './lane.js';
import { requestedMessage } from './plan-promotion.js';
import type { LiveTicket, TrackState } from './state.js';

type EventOf<Type extends TrackEvent['type']> = Extract<TrackEvent, { type: Type }>;

/** Applies an event. Does not mutate the given state. */
export function evolve(state: TrackState, event: TrackEvent): TrackState {
  switch (event.type) {
    case 'opened':
      return open(state, event.ticket);
    case 'promotes':
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
    default: {
      const live = state.tickets[event.ticket];
      if (!live) return state;
      const promotion = live.promotion && evolvePromotion(live.promotion, event);
      const next: LiveTicket = { ticket: evolveTicket(live, event), ...(promotion && { promotion }) };
      return withTicket(state, next);
    }
  }
}

/** The public part of the Ticket. */
function evolveTicket({ ticket, promotion }: LiveTicket, event: EventOf<TicketEvent>): Ticket {
  const now = ticket.state;
  const become = (state: TicketState): Ticket => ({ ...ticket, state });
  switch (event.type) {
    case 'waits': {
      const { on, reason, message, at } = event;
      if (now.is === 'waiting') return become({ ...now, on: on ?? now.on, reason, message, since: at });
      return now.is === 'promoting' || now.is === 'syncing' ? become({ ...now, reason, message }) : ticket;
    }
    case 'syncs': {
      if (!promotion) return ticket;
      const commits = promotion.parts.flatMap(({ answer }) => (answer.is === 'committed' ? answer.commit : []));
      const { id, station } = promotion;
      const { deadline, at } = event;
      const message = 'committed; waiting for Argo CD';
      return {
        ...ticket,
        state: { is: 'syncing', station, promotion: id, deadline, reason: 'Committed', message, since: at },
        stations: lastStation(ticket, { commits, committedAt: at }),
      };
    }
    case 'deadlineResumed':
      return now.is === 'syncing' ? become({ ...now, deadline: event.deadline }) : ticket;
    case 'arrived': {
      const { station, next, at } = event;
      const message = `arrived at ${station}`;
      const waiting: TicketState | undefined =
        next === undefined
          ? undefined
          : { is: 'waiting', at: station, next, on: 'block', reason: 'Arrived', message, since: at };
      return {
        ...ticket,
        state: waiting ?? { is: 'completed', since: at },
        stations: lastStation(ticket, { arrivedAt: at }),
      };
    }
    case 'completed':
      return become({ is: 'completed', since: event.at });
    case 'failed': {
      const station = now.is === 'promoting' || now.is === 'syncing' ? { station: now.station } : {};
      return become({ is: 'failed', ...station, reason: event.reason, message: event.message, since: event.at });
    }
    case 'superseded':
      return become({ is: 'superseded', by: event.by, message: event.message, since: event.at });
    default:
      return ticket;
  }
}

type TicketEvent = Exclude<
  TrackEvent['type'],
  'opened' | 'promotes' | 'left' | 'observed' | 'gone' | 'projectObserved' | 'checked'
>;

function open(state: TrackState, ticket: Ticket): TrackState {
  const { repository } = ticket.image;
  const lane = state.lanes[repository];
  const order = laneOrderOf(ticket);
  const newest = lane && isNewer(lane.newest, order) ? lane.newest : order;
  const lanes = { ...state.lanes, [repository]: { newest, entered: lane?.entered ?? {} } };
  return withTicket({ ...state, lanes }, { ticket });
}

function promote(state: TrackState, event: EventOf<'promotes'>): TrackState {
  const { station, promotion, requests, at } = event;
  const ticket = state.tickets[event.ticket]?.ticket;
  const [first] = requests;
  if (!ticket || !first) return state;
  const { repository } = ticket.image;
  const lane = state.lanes[repository];
  const { notAfter } = first;
  const attempt = ticket.stations.filter((record) => record.station === station).length + 1;
  const message = requestedMessage(requests.length);
  const promoting: Ticket = {
    ...ticket,
    state: { is: 'promoting', station, promotion, notAfter, reason: 'CommitRequested', message, since: at },
    stations: [...ticket.stations, { station, attempt, parts: requests.length, requestedAt: at, commits: [] }],
  };
  const parts = requests.map((request) => ({ request, answer: { is: 'open' as const } }));
  const next = withTicket(state, {
    ticket: promoting,
    promotion: { id: promotion, station, parts, applications: {} },
  });
  if (!lane) return next;
  const entered = { ...lane.entered, [station]: laneOrderOf(ticket) };
  return { ...next, lanes: { ...state.lanes, [repository]: { ...lane, entered } } };
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
