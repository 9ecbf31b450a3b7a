import type { WaitReason } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Verdict } from '../arrival/verdict.js';
import { isNewer, laneOrderOf, waitingFor } from './lane.js';
import type { LaneOrder, LiveTicket, TrackState } from './state.js';
import type { Situation } from './step.js';

type Judged = readonly [application: string, Verdict];

/** A Ticket that waits for one of these is in trouble: the newer one may fix what its image broke. */
const troubles: readonly WaitReason[] = ['Degraded', 'SyncRetrying', 'SyncRefused', 'ComparisonFailed'];

/** The newest Ticket of the lane that could enter the Station but for this one. */
export function newerAt({ order }: Track, state: TrackState, live: LiveTicket, station: string): LaneOrder | undefined {
  const own = laneOrderOf(live.ticket);
  return waitingFor(state, live, station)
    .filter(({ ticket }) => ticket.state.is === 'waiting' && ticket.state.reason === 'BlockHeld')
    .map((other) => laneOrderOf(other.ticket))
    .filter((other) => isNewer(other, own, order))
    .sort((a, b) => (isNewer(a, b, order) ? -1 : 1))[0];
}

/**
 * Since when the Ticket should give way to a newer one, in milliseconds since the epoch: at once if an Application is in
 * trouble or a person must act, else when nothing has changed for the time of `patience`.
 */
export function givesWayAt({ track, state, at, policy }: Situation<'syncing'>, missing: readonly Judged[]): number {
  const isInTrouble = missing.some(
    ([, verdict]) => verdict.is === 'blocked' || (verdict.is === 'waiting' && troubles.includes(verdict.reason)),
  );
  if (isInTrouble) return 0;
  const { patienceMs = policy.patienceMs } = track.stations.find(({ name }) => name === at.station) ?? {};
  const changes = missing.map(([key]) => Date.parse(state.observations[key]?.observed.observedAt ?? '') || 0);
  return Math.max(Date.parse(at.since), ...changes) + patienceMs;
}
