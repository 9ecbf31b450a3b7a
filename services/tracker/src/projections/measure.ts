import type { Ticket, TicketFailure, terminalStates } from '@k8sta/contracts';
import type { Observation } from '../observation.js';
import type { Change } from '../ride/decide.js';
import { promotedBy } from '../ride/evidence.js';
import { brokenBy } from '../ride/evolve-lane.js';
import type { LiveTicket, TrackState } from '../ride/state.js';

/** How a Ticket ended: a failure by its reason. */
export type TicketOutcome = Exclude<(typeof terminalStates)[number], 'failed'> | TicketFailure;

/** A measurement of a step. */
export type Measurement =
  /** From the receipt of the Ticket, or its arrival at the previous Station, to its commits for this one. */
  | { readonly of: 'commit'; readonly station: string; readonly seconds: number }
  /** From the commits until Argo CD had synced one Application. */
  | { readonly of: 'sync'; readonly station: string; readonly seconds: number }
  /** From the sync until the Application had arrived. */
  | { readonly of: 'health'; readonly station: string; readonly seconds: number }
  /** From the receipt of the Ticket to its arrival at the last Station. */
  | { readonly of: 'ride'; readonly seconds: number }
  | { readonly of: 'end'; readonly outcome: TicketOutcome }
  /** A Ticket arrived at the Station. */
  | { readonly of: 'arrival'; readonly station: string }
  /** What a Ticket had committed at the Station failed there. */
  | { readonly of: 'failure'; readonly station: string; readonly outcome: StationFailure }
  /** From a failure at the Station to the end of its rollback, or to the next arrival there. */
  | { readonly of: 'restore'; readonly station: string; readonly seconds: number };

/** What became of the failed commit: it stays, it was rolled back, or the rollback failed. */
export const stationFailures = ['failed', 'rolledBack', 'rollbackFailed'] as const;
type StationFailure = (typeof stationFailures)[number];

/** The measurements of the changes of one step, decided at `now`. */
export function measure(history: readonly Change[], now: Date): Measurement[] {
  return history.flatMap((change) => measureChange(change, now));
}

function measureChange({ event, before, after }: Change, now: Date): Measurement[] {
  const live = 'ticket' in event && typeof event.ticket === 'string' ? before.tickets[event.ticket] : undefined;
  if (!live) return [];
  switch (event.type) {
    case 'syncs':
      return committed(live);
    case 'applicationArrived':
      return arrived(live, event.application, after.observations[event.application], now);
    case 'arrived':
      return [{ of: 'arrival', station: event.station }, ...restored(before, live, event.station, now)];
    case 'rolledBack':
      return restored(before, live, event.station, now);
    case 'completed': {
      const seconds = secondsBetween(live.ticket.receivedAt, now);
      return [
        { of: 'ride', seconds },
        { of: 'end', outcome: 'completed' },
      ];
    }
    case 'failed':
      return [...failed(live, after.tickets[event.ticket]), { of: 'end', outcome: event.reason }];
    case 'superseded':
    case 'cancelled':
      return [{ of: 'end', outcome: event.type }];
    default:
      return [];
  }
}

function committed({ ticket, promotion }: LiveTicket): Measurement[] {
  const isCommitted = promotion?.parts.some(({ answer }) => answer.is === 'committed' && answer.commit.commit);
  // If the files already named the image, nothing was committed, and there is nothing to measure.
  if (!promotion?.committedAt || !isCommitted) return [];
  const seconds = secondsBetween(readySince(ticket), promotion.committedAt);
  return [{ of: 'commit', station: promotion.station, seconds }];
}

function arrived(
  { promotion }: LiveTicket,
  application: string,
  observation: Observation | undefined,
  now: Date,
): Measurement[] {
  const promoted = promotion && promotedBy(promotion).find(({ key }) => key === application);
  if (!promoted?.commit.commit || !promotion?.committedAt || !observation) return [];
  const { station, committedAt } = promotion;
  const whole = secondsBetween(committedAt, now);
  // By Argo CD's own clock, truncated to whole seconds: it may be before the commit, or in the future.
  const sync = Math.min(whole, secondsBetween(committedAt, syncedAtOf(observation.observed)));
  return [
    { of: 'sync', station, seconds: sync },
    { of: 'health', station, seconds: whole - sync },
  ];
}

function failed({ promotion }: LiveTicket, after: LiveTicket | undefined): Measurement[] {
  const state = after?.ticket.state;
  if (!after || state?.is !== 'failed') return [];
  if (state.reason === 'RolledBack' && promotion) {
    return [{ of: 'failure', station: promotion.station, outcome: 'rolledBack' }];
  }
  const station = brokenBy(after);
  if (station === undefined) return [];
  return [{ of: 'failure', station, outcome: state.reason === 'RollbackFailed' ? 'rollbackFailed' : 'failed' }];
}

/** Nothing if the Station was not broken. */
function restored({ lanes }: TrackState, { ticket, promotion }: LiveTicket, station: string, now: Date): Measurement[] {
  const rollback =
    promotion?.kind === 'rollback' ? ticket.stations.findLast(({ kind }) => kind === 'rollback') : undefined;
  const since = lanes[ticket.image.repository]?.brokenSince?.[station] ?? rollback?.requestedAt;
  return since === undefined ? [] : [{ of: 'restore', station, seconds: secondsBetween(since, now) }];
}

/** When Argo CD had synced the revision that it reports; if there was nothing to sync, when it found that out. */
function syncedAtOf({ sync, operation, reconciledAt, observedAt }: Observation['observed']): string {
  const isOfThis = operation?.revisions.some((revision) => sync.revisions.includes(revision));
  return (isOfThis && operation?.finishedAt) || reconciledAt || observedAt;
}

/** When the Ticket became ready for its next Station: its last arrival, or when it was received. */
export function readySince(ticket: Ticket): string {
  const arrived = ticket.stations.findLast(({ arrivedAt }) => arrivedAt !== undefined);
  return arrived?.arrivedAt ?? ticket.receivedAt;
}

/** Never negative, although the moments come from different clocks. */
function secondsBetween(from: string, until: string | Date): number {
  return Math.max(0, new Date(until).getTime() - Date.parse(from)) / 1000;
}
