import type { Ticket, TicketFailure, terminalStates } from '@k8sta/contracts';
import type { TrackEvent } from './event.js';
import { promotedBy } from './evidence.js';
import { evolve } from './evolve.js';
import type { Rider, Sighting, TrackState } from './state.js';

/** How a Ticket's ride ended: a failure by its reason. */
export type RideOutcome = Exclude<(typeof terminalStates)[number], 'failed'> | TicketFailure;

/** What there is to measure of a step. */
export type Measurement =
  /** From when the Ticket was received, or had arrived at the Station before, to its commits for this one. */
  | { readonly of: 'commit'; readonly station: string; readonly seconds: number }
  /** From there until Argo CD had synced one Application. */
  | { readonly of: 'sync'; readonly station: string; readonly seconds: number }
  /** From there until the Application had arrived. */
  | { readonly of: 'health'; readonly station: string; readonly seconds: number }
  /** From when the Ticket was received to its arrival at the last Station. */
  | { readonly of: 'ride'; readonly seconds: number }
  | { readonly of: 'end'; readonly outcome: RideOutcome };

/** What the events of one step, decided at `now` from the state `before` them, are measured by. */
export function measure(before: TrackState, events: readonly TrackEvent[], now: Date): Measurement[] {
  let state = before;
  return events.flatMap((event) => {
    const earlier = state;
    state = evolve(state, event);
    // Whoever ends is off the Track after it.
    const rider = 'ticket' in event && typeof event.ticket === 'string' ? earlier.riders[event.ticket] : undefined;
    return rider ? measureEvent(event, rider, state, now) : [];
  });
}

function measureEvent(event: TrackEvent, rider: Rider, state: TrackState, now: Date): Measurement[] {
  switch (event.type) {
    case 'syncs':
      return committed(rider);
    case 'applicationArrived':
      return arrived(rider, event.application, state.sightings[event.application], now);
    case 'completed': {
      const seconds = secondsBetween(receivedAt(rider.ticket), now);
      return [
        { of: 'ride', seconds },
        { of: 'end', outcome: 'completed' },
      ];
    }
    case 'failed':
      return [{ of: 'end', outcome: event.reason }];
    case 'superseded':
      return [{ of: 'end', outcome: event.type }];
    default:
      return [];
  }
}

function committed({ ticket, promotion }: Rider): Measurement[] {
  // Where the files had named the image already nothing was committed, and there is nothing to measure.
  if (!promotion?.committedAt || promotion.commits.every(({ commit }) => commit === undefined)) return [];
  const seconds = secondsBetween(onItsWaySince(ticket), promotion.committedAt);
  return [{ of: 'commit', station: promotion.station, seconds }];
}

function arrived({ promotion }: Rider, application: string, sighting: Sighting | undefined, now: Date): Measurement[] {
  const promoted = promotion && promotedBy(promotion).find(({ key }) => key === application);
  if (!promoted?.commit.commit || !promotion?.committedAt || !sighting) return [];
  const { station, committedAt } = promotion;
  const whole = secondsBetween(committedAt, now);
  // By Argo CD's own clock, and cut off to whole seconds: it may lie before the commit, or ahead.
  const sync = Math.min(whole, secondsBetween(committedAt, syncedAtOf(sighting.observed)));
  return [
    { of: 'sync', station, seconds: sync },
    { of: 'health', station, seconds: whole - sync },
  ];
}

/** When Argo CD had synced what it reports now; where there was nothing to sync, when it found that out. */
function syncedAtOf({ sync, operation, reconciledAt, observedAt }: Sighting['observed']): string {
  const isOfThis = operation?.revisions.some((revision) => sync.revisions.includes(revision));
  return (isOfThis && operation?.finishedAt) || reconciledAt || observedAt;
}

/** Since when the Ticket could have gone on: its last arrival, or when it was received. */
export function onItsWaySince(ticket: Ticket): string {
  const arrived = ticket.stations.findLast(({ arrivedAt }) => arrivedAt !== undefined);
  return arrived?.arrivedAt ?? receivedAt(ticket);
}

/** A Ticket from before this was recorded knows only when the tracker took it. */
function receivedAt(ticket: Ticket): string {
  return ticket.receivedAt ?? ticket.openedAt;
}

/** Never negative, though the moments are told by different clocks. */
function secondsBetween(from: string, until: string | Date): number {
  return Math.max(0, new Date(until).getTime() - Date.parse(from)) / 1000;
}
