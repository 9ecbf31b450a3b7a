import type { WaitReason } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Verdict } from '../arrival/verdict.js';
import { isNewer, laneOrderOf, waitingFor } from './lane.js';
import type { LaneOrder, LiveTicket, TrackState } from './state.js';
import type { Situation, Step } from './step.js';

type Judged = readonly [application: string, Verdict];

/** A Ticket that waits for one of these is in trouble: the newer one may fix what its image broke. */
const troubles: readonly WaitReason[] = ['Degraded', 'SyncRetrying', 'SyncRefused', 'ComparisonFailed'];

/** The newest Ticket of the lane that could enter the Station but for this one. */
export function newerAt({ order }: Track, state: TrackState, live: LiveTicket, station: string): LaneOrder | undefined {
  const own = laneOrderOf(live.ticket);
  return waitingFor(state, live, station)
    .filter(({ ticket: { state: now } }) => now.is === 'waiting' && now.on === 'block' && now.reason === 'BlockHeld')
    .map((other) => laneOrderOf(other.ticket))
    .filter((other) => isNewer(other, own, order))
    .sort((a, b) => (isNewer(a, b, order) ? -1 : 1))[0];
}

/**
 * A Ticket gives way to a newer one that could enter but for this one: at once if an Application is in trouble or a person
 * must act, else when nothing has changed for the time of `patience`. `at`: when to look again.
 */
export function giveWayToNewer(
  situation: Omit<Situation, 'at'>,
  station: string,
  since: number,
  missing: readonly Judged[],
  why: string,
): Step | { readonly at: number } | undefined {
  const { track, state, live, moment } = situation;
  const newer = newerAt(track, state, live, station);
  if (!newer) return undefined;
  const when = givesWayAt(situation, station, since, missing);
  if (moment.now.getTime() < when) return { at: when };
  const message = `Ticket ${newer.ticket} is newer and goes on in its place: ${why}`;
  const head = { ticket: live.ticket.id, by: newer.ticket, at: moment.now.toISOString() };
  return { events: [{ type: 'superseded', ...head, reason: 'GaveWay', message }] };
}

function givesWayAt(
  { track, state, policy }: Omit<Situation, 'at'>,
  station: string,
  since: number,
  missing: readonly Judged[],
): number {
  const isInTrouble = missing.some(
    ([, verdict]) => verdict.is === 'blocked' || (verdict.is === 'waiting' && troubles.includes(verdict.reason)),
  );
  if (isInTrouble) return 0;
  const { patienceMs = policy.patienceMs } = track.stations.find(({ name }) => name === station) ?? {};
  const changes = missing.map(([key]) => Date.parse(state.observations[key]?.observed.observedAt ?? '') || 0);
  return Math.max(since, ...changes) + patienceMs;
}
