import { whyLeft } from '@k8sta/applications';
import type { TicketFailure } from '@k8sta/contracts';
import type { Verdict } from '../arrival/verdict.js';
import type { TrackEvent } from './event.js';
import { promotedBy } from './evidence.js';
import { refreshesOf, refreshTimes } from './refresh.js';
import type { Promotion } from './state.js';
import { type Situation, type Step, tooOldAt, tooOldBecause, type Wait } from './step.js';
import { timesOf, verdictsOn } from './verdicts.js';

export type Judged = readonly [application: string, Verdict];

/** A promotion whose commits are pushed, and what happens to its Ticket. */
export interface Following {
  readonly situation: Omit<Situation, 'at'> & { readonly at: { readonly station: string } };
  readonly promotion: Promotion;
  readonly deadline: string;
  readonly arrived: () => Step;
  readonly failed: (reason: TicketFailure, message: string) => Step;
  /** Whether it ends before it has arrived, and when to look again whether it does. */
  readonly givesWay?: (missing: readonly Judged[], wait: Wait) => Step | { readonly at: number } | undefined;
}

/** Waits until every Application of the promotion has arrived, one has failed, or the deadline is over. */
export function follow(following: Following): Step {
  const { situation, promotion } = following;
  const { state, live, moment, policy } = situation;
  const left = applicationsLeft(situation, promotion);
  if (left.length > 0) return { events: left as [TrackEvent, ...TrackEvent[]] };

  const verdicts = verdictsOn(state, promotion, moment, policy);
  // Including Applications that have arrived: an arrival is latched against flapping, not against a failure.
  for (const [, verdict] of verdicts) {
    if (verdict.is === 'failed') return following.failed(verdict.reason, verdict.message);
  }
  const ticket = live.ticket.id;
  const arrivals = verdicts.flatMap(([application, verdict]): TrackEvent[] =>
    verdict.is === 'arrived' && !promotion.applications[application]?.arrived
      ? [{ type: 'applicationArrived', ticket, application, revision: verdict.revision, rendered: verdict.rendered }]
      : [],
  );
  if (arrivals.length > 0) return { events: arrivals as [TrackEvent, ...TrackEvent[]] };
  const missing = verdicts.filter(([application]) => !promotion.applications[application]?.arrived);
  if (missing.length === 0 && verdicts.length > 0) return following.arrived();
  return notArrived(following, verdicts, missing);
}

function notArrived(following: Following, all: readonly Judged[], missing: readonly Judged[]): Step {
  const { situation, promotion, deadline } = following;
  const { live, at, moment, policy } = situation;
  const ticket = live.ticket.id;
  const isHalted = missing.some(([, verdict]) => verdict.is === 'blocked');
  const now = moment.now.getTime();
  if (isHalted && promotion.haltedSince === undefined) {
    return { events: [{ type: 'deadlineHalted', ticket, at: moment.now.toISOString() }] };
  }
  if (!isHalted && promotion.haltedSince !== undefined) {
    const later = new Date(Date.parse(deadline) + now - Date.parse(promotion.haltedSince)).toISOString();
    return { events: [{ type: 'deadlineResumed', ticket, deadline: later }] };
  }
  const wait = waitOf(promotion, all, missing);
  const givesWay = following.givesWay?.(missing, wait);
  if (givesWay && !('at' in givesWay)) return givesWay;
  if (!isHalted && isOver(following, missing)) {
    return following.failed('DeadlineExceeded', `not arrived at ${at.station} by ${deadline}: ${wait.message}`);
  }
  // The deadline may not run, and no Application may ever be observed again. A rollback has the time of its deadline.
  const lastAt = Math.max(tooOldAt(situation), Date.parse(deadline));
  if (now >= lastAt) return following.failed('MaxAge', tooOldBecause(situation, `last: ${wait.message}`));
  const refreshes = refreshesOf(ticket, promotion, missing, moment.now, policy);
  if (refreshes.length > 0) return { events: refreshes as [TrackEvent, ...TrackEvent[]] };
  const due = refreshTimes(promotion, missing, policy);
  const ends = [...(isHalted ? [] : [endOf(following)]), ...(givesWay ? [givesWay.at] : [])];
  return { waits: { ...wait, wake: [...wait.wake, ...due, ...ends, lastAt] } };
}

function waitOf(promotion: Promotion, all: readonly Judged[], missing: readonly Judged[]): Wait {
  const wake = ['observation', 'answer', ...timesOf(all)] as const;
  const unmet = missing.flatMap(([, verdict]) => ('message' in verdict ? [verdict] : []));
  const message = unmet.map((verdict) => verdict.message).join('; ');
  const [first] = unmet;
  if (!first || first.is === 'failed') {
    const left = Object.values(promotion.applications).flatMap(({ left: why }) => why ?? []);
    return { reason: 'NobodyLeft', message: left.join('; ') || 'no Application is left', wake };
  }
  // A question changes nothing that is published; its answer does.
  return { reason: first.reason, message, wake, silent: unmet.some(({ is }) => is === 'asking') };
}

/**
 * A Ticket that has arrived also continues with the rest, if there is one: it leaves a Station only while its image runs there.
 * `verdicts`: on the Applications that have not left yet.
 */
export function continueWithRest(
  situation: Pick<Situation, 'track' | 'state' | 'live'>,
  promotion: Promotion,
  verdicts: readonly Judged[],
): Step | undefined {
  const left = applicationsLeft(situation, promotion);
  const hasRest = left.length < verdicts.length;
  return left.length > 0 && hasRest ? { events: left as [TrackEvent, ...TrackEvent[]] } : undefined;
}

/** Applications selected by labels may disappear while the Ticket is on its way: it continues with the rest. */
function applicationsLeft(
  { track, state, live }: Pick<Situation, 'track' | 'state' | 'live'>,
  promotion: Promotion,
): TrackEvent[] {
  const station = track.stations.find(({ name }) => name === promotion.station);
  if (!station) return [];
  return promotedBy(promotion).flatMap(({ key }): TrackEvent[] => {
    if (promotion.applications[key]?.left !== undefined) return [];
    const why = whyLeft(station, state.observations[key]);
    if (why === undefined) return [];
    return [{ type: 'applicationLeft', ticket: live.ticket.id, application: key, message: `${key}: ${why}` }];
  });
}

/** Whether the deadline has passed and an Application is known to be late: one that arrived while K8sTA was down is not late. */
function isOver(following: Following, missing: readonly Judged[]): boolean {
  const { situation, deadline } = following;
  if (situation.moment.now.getTime() < Date.parse(deadline)) return false;
  return missing.length === 0 || missing.some((judged) => isKnownToBeLate(following, judged));
}

function isKnownToBeLate({ situation, deadline }: Following, [application, verdict]: Judged): boolean {
  const { state, moment } = situation;
  const instance = state.observations[application]?.observed.instance ?? '';
  const isObserved = Date.parse(moment.currentAsOf[instance] ?? '') >= Date.parse(deadline);
  return isObserved && verdict.is !== 'asking' && !(verdict.is === 'waiting' && verdict.blind);
}

/** When to check the deadline. If it has passed and no Application is known to be late, check again soon. */
function endOf({ situation: { moment, policy }, deadline }: Following): number {
  const end = Date.parse(deadline);
  return moment.now.getTime() < end ? end : moment.now.getTime() + policy.askAgainMs;
}
