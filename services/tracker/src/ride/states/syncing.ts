import { whyLeft } from '@k8sta/applications';
import type { Verdict } from '../../arrival/verdict.js';
import type { TrackEvent } from '../event.js';
import { promotedBy } from '../evidence.js';
import { givesWayAt, newerAt } from '../give-way.js';
import { refreshDueAt, refreshesOf } from '../refresh.js';
import type { Promotion } from '../state.js';
import { fails, type Situation, type Step, stationGone, tooOldAt, type Wait } from '../step.js';
import { tipStep } from '../tip.js';
import { timesOf, verdictsOn } from '../verdicts.js';

type Judged = readonly [application: string, Verdict];
type Syncing = Situation<'syncing'>;

/** The Station's commits are pushed: the Ticket waits until every Application has arrived. */
export function syncing(situation: Syncing): Step {
  const { track, state, live, at, moment, policy } = situation;
  const { promotion } = live;
  const here = track.stations.findIndex(({ name }) => name === at.station);
  if (here < 0 || !promotion) return stationGone(situation, at.station);
  const left = departuresOf(situation, promotion);
  if (left.length > 0) return { events: left as [TrackEvent, ...TrackEvent[]] };

  const verdicts = verdictsOn(state, promotion, moment, policy);
  // Including Applications that have arrived: an arrival is latched against flapping, not against a failure.
  for (const [, verdict] of verdicts) {
    if (verdict.is === 'failed') return fails(situation, verdict.reason, verdict.message);
  }
  const ticket = live.ticket.id;
  const arrivals = verdicts.flatMap(([application, verdict]): TrackEvent[] =>
    verdict.is === 'arrived' && !promotion.applications[application]?.arrived
      ? [{ type: 'applicationArrived', ticket, application, revision: verdict.revision, rendered: verdict.rendered }]
      : [],
  );
  if (arrivals.length > 0) return { events: arrivals as [TrackEvent, ...TrackEvent[]] };
  const missing = verdicts.filter(([application]) => !promotion.applications[application]?.arrived);
  if (missing.length === 0 && verdicts.length > 0) return arrive(situation, track.stations[here + 1]?.name);
  return notArrived(situation, promotion, verdicts, missing);
}

/** Asks about the tip of the branch before the block is released, so that the Ticket need not wait again to leave. */
function arrive(situation: Syncing, next: string | undefined): Step {
  const { live, at, moment } = situation;
  const tip = next === undefined ? undefined : tipStep(situation, at.station);
  if (tip) return tip;
  const now = moment.now.toISOString();
  const ticket = live.ticket.id;
  const arrived: TrackEvent = { type: 'arrived', ticket, station: at.station, next, at: now };
  return { events: next === undefined ? [arrived, { type: 'completed', ticket, at: now }] : [arrived] };
}

function notArrived(
  situation: Syncing,
  promotion: Promotion,
  all: readonly Judged[],
  missing: readonly Judged[],
): Step {
  const { live, at, moment, policy } = situation;
  const ticket = live.ticket.id;
  const isHalted = missing.some(([, verdict]) => verdict.is === 'blocked');
  const now = moment.now.getTime();
  if (isHalted && promotion.haltedSince === undefined) {
    return { events: [{ type: 'deadlineHalted', ticket, at: moment.now.toISOString() }] };
  }
  if (!isHalted && promotion.haltedSince !== undefined) {
    const deadline = new Date(Date.parse(at.deadline) + now - Date.parse(promotion.haltedSince)).toISOString();
    return { events: [{ type: 'deadlineResumed', ticket, deadline }] };
  }
  const wait = waitOf(situation, all, missing);
  const newer = newerAt(situation.state, live, at.station);
  const givesWay = newer && givesWayAt(situation, missing);
  if (newer && givesWay !== undefined && now >= givesWay) {
    const message = `Ticket ${newer.ticket} has an image that was pushed later, and goes on in its place: ${wait.message}`;
    return { events: [{ type: 'superseded', ticket, by: newer.ticket, message, at: moment.now.toISOString() }] };
  }
  if (!isHalted && isOver(situation, missing)) {
    return fails(situation, 'DeadlineExceeded', `not arrived at ${at.station} by ${at.deadline}: ${wait.message}`);
  }
  const refreshes = refreshesOf(ticket, promotion, missing, moment.now, policy);
  if (refreshes.length > 0) return { events: refreshes as [TrackEvent, ...TrackEvent[]] };
  const due = missing.flatMap(([key, verdict]) =>
    verdict.is === 'waiting' && verdict.refresh ? [refreshDueAt(promotion, key, policy)] : [],
  );
  const ends = [...(isHalted ? [] : [endOf(situation)]), ...(givesWay === undefined ? [] : [givesWay])];
  return { waits: { ...wait, wake: [...wait.wake, ...due, ...ends, tooOldAt(situation)] } };
}

function waitOf({ live }: Syncing, all: readonly Judged[], missing: readonly Judged[]): Wait {
  const wake = ['observation', 'answer', ...timesOf(all)] as const;
  const unmet = missing.flatMap(([, verdict]) => ('message' in verdict ? [verdict] : []));
  const message = unmet.map((verdict) => verdict.message).join('; ');
  const [first] = unmet;
  if (!first || first.is === 'failed') {
    const left = Object.values(live.promotion?.applications ?? {}).flatMap(({ left: why }) => why ?? []);
    return { reason: 'NobodyLeft', message: left.join('; ') || 'no Application is left', wake };
  }
  // A question changes nothing that is published; its answer does.
  return { reason: first.reason, message, wake, silent: unmet.some(({ is }) => is === 'asking') };
}

/** Applications selected by labels may disappear while the Ticket is on its way: it continues with the rest. */
function departuresOf({ track, state, live, at }: Syncing, promotion: Promotion): TrackEvent[] {
  const station = track.stations.find(({ name }) => name === at.station);
  if (!station) return [];
  return promotedBy(promotion).flatMap(({ key }): TrackEvent[] => {
    if (promotion.applications[key]?.left !== undefined) return [];
    const why = whyLeft(station, state.observations[key]);
    if (why === undefined) return [];
    return [{ type: 'applicationLeft', ticket: live.ticket.id, application: key, message: `${key}: ${why}` }];
  });
}

/**
 * Whether the deadline has passed and an Application is known to be late: one that arrived while K8sTA was down is not late.
 * If no Application is ever observed again, the maximum age ends the Ticket.
 */
function isOver(situation: Syncing, missing: readonly Judged[]): boolean {
  const { at, moment } = situation;
  const now = moment.now.getTime();
  if (now < Date.parse(at.deadline)) return false;
  if (now >= tooOldAt(situation)) return true;
  return missing.length === 0 || missing.some((judged) => isKnownToBeLate(situation, judged));
}

function isKnownToBeLate({ state, at, moment }: Syncing, [application, verdict]: Judged): boolean {
  const instance = state.observations[application]?.observed.instance ?? '';
  const isObserved = Date.parse(moment.currentAsOf[instance] ?? '') >= Date.parse(at.deadline);
  return isObserved && verdict.is !== 'asking' && !(verdict.is === 'waiting' && verdict.blind);
}

/** When to check the deadline. If it has passed and no Application is known to be late, check again soon. */
function endOf({ at, moment, policy }: Syncing): number {
  const deadline = Date.parse(at.deadline);
  return moment.now.getTime() < deadline ? deadline : moment.now.getTime() + policy.askAgainMs;
}
