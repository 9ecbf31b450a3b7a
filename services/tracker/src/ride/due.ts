import { graceEndsAt, settledAt } from '../judgement/health.js';
import type { Limits } from './decide.js';
import { evidenceOf, promotedBy } from './evidence.js';
import { refreshDueAt, tooOldAt } from './move.js';
import type { Promotion, Rider, TrackState } from './state.js';

/**
 * When something may change without any event: the next deadline, in milliseconds since the epoch. Undefined when
 * nothing on the Track depends on the time.
 */
export function dueAt(state: TrackState, now: Date, limits: Limits): number | undefined {
  const times = [
    ...Object.values(state.riders).flatMap((rider) => riderTimes(state, rider, limits)),
    ...Object.values(state.closed).map((closedAt) => Date.parse(closedAt) + limits.rememberMs),
  ];
  const ahead = times.filter((time) => time > now.getTime());
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}

function riderTimes(state: TrackState, rider: Rider, limits: Limits): number[] {
  const { ticket, promotion } = rider;
  const now = ticket.state;
  switch (now.is) {
    case 'waiting':
      return [tooOldAt(rider, limits), ...(promotion ? applicationTimes(state, promotion, limits) : [])];
    case 'promoting':
      return [Date.parse(now.notAfter) + 1];
    case 'syncing':
      return [
        Date.parse(now.deadline),
        tooOldAt(rider, limits),
        ...(promotion ? applicationTimes(state, promotion, limits) : []),
      ];
    case 'rollingBack':
    case 'completed':
    case 'failed':
    case 'superseded':
    case 'cancelled':
      return [];
    default:
      throw new TypeError(`no such state: ${JSON.stringify(now satisfies never)}`);
  }
}

function applicationTimes(state: TrackState, promotion: Promotion, limits: Limits): number[] {
  return promotedBy(promotion).flatMap((promoted) => {
    const evidence = evidenceOf(state, promotion, promoted);
    const { sighting, currentAsOf, learnt, failedSync } = evidence;
    const graceEnds = sighting && graceEndsAt(evidence, sighting, limits);
    return [
      ...(sighting ? [settledAt(sighting, limits)] : []),
      refreshDueAt(promotion, promoted.key, limits),
      ...(graceEnds === undefined ? [] : [graceEnds]),
      ...(currentAsOf ? [Date.parse(currentAsOf) + limits.pictureMs + 1] : []),
      ...[learnt, failedSync].flatMap((known) =>
        known?.answer.relation === 'unknown' ? [Date.parse(known.askedAt) + limits.askAgainMs] : [],
      ),
    ];
  });
}
