import type { WaitReason } from '@k8sta/contracts';
import type { Verdict } from '../arrival/verdict.js';
import { isNewer, laneOrderOf } from './lane.js';
import type { LaneOrder, LiveTicket, TrackState } from './state.js';
import type { Situation } from './step.js';

type Judged = readonly [application: string, Verdict];

/** A Ticket that waits for one of these is in trouble: the newer one may fix what its image broke. */
const troubles: readonly WaitReason[] = ['Degraded', 'SyncRetrying', 'SyncRefused', 'ComparisonFailed'];

/** The newest Ticket of the lane that waits for the Station where this one is. */
export function newerAt(state: TrackState, { ticket }: LiveTicket, station: string): LaneOrder | undefined {
  const own = laneOrderOf(ticket);
  return Object.values(state.tickets)
    .filter(({ ticket: other }) => other.image.repository === ticket.image.repository)
    .filter(({ ticket: { state: now } }) => now.is === 'waiting' && now.at === undefined && now.next === station)
    .map((other) => laneOrderOf(other.ticket))
    .filter((order) => isNewer(order, own))
    .sort((a, b) => (isNewer(a, b) ? -1 : 1))[0];
}

/**
 * Since when the Ticket should give way to a newer one, in milliseconds since the epoch: at once if an Application is in
 * trouble or a person must act, else when nothing has changed for the time of `patience`.
 */
export function givesWayAt({ state, at, policy }: Situation<'syncing'>, missing: readonly Judged[]): number {
  const isInTrouble = missing.some(
    ([, verdict]) => verdict.is === 'blocked' || (verdict.is === 'waiting' && troubles.includes(verdict.reason)),
  );
  if (isInTrouble) return 0;
  const changes = missing.map(([key]) => Date.parse(state.observations[key]?.observed.observedAt ?? '') || 0);
  return Math.max(Date.parse(at.since), ...changes) + policy.patienceMs;
}
