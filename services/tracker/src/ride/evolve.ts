import { applicationKey, type Ticket, type TicketState } from '@k8sta/contracts';
import type { TrackEvent } from './event.js';
import { projectKey } from './evidence.js';
import { isNewer, laneOrderOf } from './lane.js';
import { askedFor } from './parts.js';
import type { Learnt, Promotion, Rider, Sighting, TrackState } from './state.js';

/** Applies what happened. Changes nothing of the state it is given. */
export function evolve(state: TrackState, event: TrackEvent): TrackState {
  switch (event.type) {
    case 'opened':
      return open(state, event.ticket);
    case 'waits':
      return withTicketState(state, event.ticket, (now) =>
        now.is === 'waiting' ? { ...now, on: event.on, message: event.message, since: event.at } : now,
      );
    case 'promotes':
      return promote(state, event);
    case 'reissued':
      return withPromotion(state, event.ticket, (promotion) => ({
        ...promotion,
        requests: promotion.requests.map(
          (request) => event.requests.find(({ part }) => part === request.part) ?? request,
        ),
      }));
    case 'partCommitted':
      return withPromotion(state, event.ticket, (promotion) => ({
        ...promotion,
        commits: [...promotion.commits, event.commit].sort((a, b) => a.part - b.part),
        committedAt: event.at,
      }));
    case 'partDelayed':
      return withPromotion(state, event.ticket, (promotion) => ({
        ...promotion,
        delays: { ...promotion.delays, [event.part]: event.message },
      }));
    case 'partFailed': {
      const { part, reason, message } = event;
      return withPromotion(state, event.ticket, (promotion) => ({
        ...promotion,
        failures: [...promotion.failures, { part, reason, message }],
      }));
    }
    case 'explained':
      return withTicketState(state, event.ticket, (now) => ({ ...now, message: event.message }));
    case 'syncs':
      return sync(state, event);
    case 'applicationArrived':
      return withPromotion(state, event.ticket, (promotion) => ({
        ...promotion,
        arrived: { ...promotion.arrived, [event.application]: event.revision },
        ...(event.rendered ? {} : { unrendered: [...(promotion.unrendered ?? []), event.application] }),
      }));
    case 'refreshAsked':
      return withPromotion(state, event.ticket, (promotion) => {
        const count = (promotion.refreshes[event.application]?.count ?? 0) + 1;
        const refresh = { count, askedAt: event.at };
        return { ...promotion, refreshes: { ...promotion.refreshes, [event.application]: refresh } };
      });
    case 'arrived':
      return arrive(state, event);
    case 'completed':
    case 'failed':
    case 'superseded':
      return close(state, event.ticket, event.at);
    case 'forgotten': {
      const { [event.ticket]: _forgotten, ...closed } = state.closed;
      return { ...state, closed };
    }
    case 'learnt':
      if (event.of === 'failedSync') {
        return withPromotion(state, event.ticket, (promotion) => ({
          ...promotion,
          failedSyncs: { ...promotion.failedSyncs, [event.application]: event.learnt },
        }));
      }
      return withPromotion(state, event.ticket, (promotion) => ({
        ...promotion,
        learnt: { ...promotion.learnt, [event.application]: event.learnt },
        ...(isContained(event.learnt)
          ? { contained: { ...promotion.contained, [event.application]: event.learnt.revision } }
          : {}),
      }));
    case 'sighted': {
      const key = applicationKey(event.observed);
      return withSighting(state, key, sight(state.sightings[key], event.observed));
    }
    case 'gone': {
      const known = state.sightings[event.application];
      const { resourceVersion: goneAt } = event;
      return known
        ? withSighting(state, event.application, { ...known, gone: true, ...(goneAt && { goneAt }) })
        : state;
    }
    case 'checked':
      return { ...state, findings: event.findings };
    case 'projectSighted': {
      const { observed } = event;
      return { ...state, projects: { ...state.projects, [projectKey(observed.instance, observed.name)]: observed } };
    }
    case 'pictureCurrent':
      return { ...state, currentAsOf: { ...state.currentAsOf, [event.instance]: event.asOf } };
    default:
      throw new TypeError(`no such event: ${JSON.stringify(event satisfies never)}`);
  }
}

type Named<Type extends TrackEvent['type']> = Extract<TrackEvent, { type: Type }>;

function open(state: TrackState, ticket: Ticket): TrackState {
  const { repository } = ticket.image;
  const lane = state.lanes[repository];
  const order = laneOrderOf(ticket);
  const newest = lane && isNewer(lane.newest, order) ? lane.newest : order;
  return {
    ...state,
    riders: { ...state.riders, [ticket.ticket]: { ticket } },
    lanes: { ...state.lanes, [repository]: { newest, entered: lane?.entered ?? {} } },
  };
}

function promote(state: TrackState, event: Named<'promotes'>): TrackState {
  const { station, promotion, requests, at } = event;
  const [first] = requests;
  const rider = state.riders[event.ticket];
  if (!rider || !first) return state;
  const { ticket } = rider;
  const { repository } = ticket.image;
  const lane = state.lanes[repository];
  const attempt = ticket.stations.filter((record) => record.station === station).length + 1;
  const promoting: Ticket = {
    ...ticket,
    state: {
      is: 'promoting',
      station,
      promotion,
      notAfter: first.notAfter,
      message: askedFor(requests),
      since: at,
    },
    stations: [...ticket.stations, { station, attempt, parts: requests.length, requestedAt: at, commits: [] }],
  };
  return {
    ...state,
    riders: { ...state.riders, [ticket.ticket]: { ticket: promoting, promotion: begin(event) } },
    lanes: lane
      ? {
          ...state.lanes,
          [repository]: { ...lane, entered: { ...lane.entered, [station]: laneOrderOf(ticket) } },
        }
      : state.lanes,
  };
}

function begin({ promotion, station, requests }: Named<'promotes'>): Promotion {
  return { id: promotion, station, requests, commits: [], failures: [], learnt: {}, arrived: {}, refreshes: {} };
}

function sync(state: TrackState, event: Named<'syncs'>): TrackState {
  const rider = state.riders[event.ticket];
  if (!rider?.promotion) return state;
  const { id, station, commits } = rider.promotion;
  const { message, deadline, at } = event;
  const ticket: Ticket = {
    ...rider.ticket,
    state: { is: 'syncing', station, promotion: id, deadline, message, since: at },
    stations: lastStation(rider.ticket, { commits, committedAt: at }),
  };
  return withRider(state, { ...rider, ticket });
}

function arrive(state: TrackState, event: Named<'arrived'>): TrackState {
  const rider = state.riders[event.ticket];
  if (!rider) return state;
  const { station, next, at } = event;
  const now: TicketState = next
    ? { is: 'waiting', at: station, next, on: 'block', message: `arrived at ${station}`, since: at }
    : { is: 'completed', since: at };
  const ticket = { ...rider.ticket, state: now, stations: lastStation(rider.ticket, { arrivedAt: at }) };
  return withRider(state, { ...rider, ticket });
}

/** Off the Track; its id stays, so that a repeat of its webhook opens nothing. */
function close(state: TrackState, ticket: string, at: string): TrackState {
  const { [ticket]: _closed, ...riders } = state.riders;
  return { ...state, riders, closed: { ...state.closed, [ticket]: at } };
}

function sight(known: Sighting | undefined, observed: Sighting['observed']): Sighting {
  const degraded = observed.health.status === 'Degraded';
  if (!degraded) return { observed, gone: false };
  const isSameRollout =
    known?.observed.uid === observed.uid && known.observed.operation?.startedAt === observed.operation?.startedAt;
  return { observed, gone: false, degradedSince: (isSameRollout && known.degradedSince) || observed.observedAt };
}

function isContained({ answer }: Learnt): boolean {
  return answer.relation === 'same' || answer.relation === 'contains';
}

function lastStation(ticket: Ticket, change: Partial<Ticket['stations'][number]>): Ticket['stations'] {
  return ticket.stations.map((record, at) => (at === ticket.stations.length - 1 ? { ...record, ...change } : record));
}

function withRider(state: TrackState, rider: Rider): TrackState {
  return { ...state, riders: { ...state.riders, [rider.ticket.ticket]: rider } };
}

function withTicketState(state: TrackState, ticket: string, change: (now: TicketState) => TicketState): TrackState {
  const rider = state.riders[ticket];
  if (!rider) return state;
  return withRider(state, { ...rider, ticket: { ...rider.ticket, state: change(rider.ticket.state) } });
}

function withPromotion(state: TrackState, ticket: string, change: (promotion: Promotion) => Promotion): TrackState {
  const rider = state.riders[ticket];
  return rider?.promotion ? withRider(state, { ...rider, promotion: change(rider.promotion) }) : state;
}

function withSighting(state: TrackState, key: string, sighting: Sighting): TrackState {
  return { ...state, sightings: { ...state.sightings, [key]: sighting } };
}
