import type { WaitReason } from '@k8sta/contracts';
import type { TrackEvent } from '../event.js';
import { failStation } from '../fail-station.js';
import { continueWithRest, type Judged } from '../follow.js';
import { giveWayToNewer } from '../give-way.js';
import { nextNow } from '../next.js';
import { refreshesOf, refreshTimes } from '../refresh.js';
import type { Situation, Step } from '../step.js';
import { timesOf, verdictsOn } from '../verdicts.js';

type Soaking = Situation<'waiting'>;

/** The Ticket has arrived and stays for the soak of the Station, with its block. */
export function soaking(situation: Soaking): Step {
  const { state, live, at, moment, policy } = situation;
  const here = at.at ?? '';
  const verdicts = live.promotion ? verdictsOn(state, live.promotion, moment, policy) : [];
  const rest = live.promotion && continueWithRest(situation, live.promotion, verdicts);
  if (rest) return rest;
  for (const [, verdict] of verdicts) {
    // A sync of a later commit may fail; it takes nothing away from what runs.
    if (verdict.is === 'failed' && verdict.reason !== 'SyncFailed') {
      return failStation(situation, here, verdict.reason, `during the soak at ${here}: ${verdict.message}`);
    }
  }
  const until = Date.parse(at.until ?? moment.now.toISOString());
  const missing = verdicts.filter(([, verdict]) => verdict.is !== 'arrived');
  const refreshes = live.promotion ? refreshesOf(live.ticket.id, live.promotion, missing, moment.now, policy) : [];
  if (refreshes.length > 0) return { events: refreshes as [TrackEvent, ...TrackEvent[]] };
  if (moment.now.getTime() < until) {
    const troubles = missing.flatMap(([, verdict]) => (verdict.is === 'waiting' ? [verdict.message] : [])).join('; ');
    const message = `soaks at ${here} until ${at.until}${troubles && `; ${troubles}`}`;
    const wake = ['observation', 'answer', ...timesOf(verdicts), ...refreshesDue(situation, missing), until] as const;
    return { waits: { on: 'soak', reason: 'Soaking', message, wake, until } };
  }
  const [first] = missing;
  return first ? staysOn(situation, missing, first) : leave(situation);
}

/** The soak is over, and the Station is not well: a newer Ticket may go on in the place of this one. */
function staysOn(situation: Soaking, missing: readonly Judged[], [, verdict]: Judged): Step {
  const { at } = situation;
  const until = Date.parse(at.until ?? '');
  const why = 'message' in verdict ? verdict.message : '';
  const givesWay = giveWayToNewer(situation, at.at ?? '', until, missing, why);
  if (givesWay && !('at' in givesWay)) return givesWay;
  const reason: WaitReason =
    verdict.is === 'waiting' || verdict.is === 'blocked' || verdict.is === 'asking' ? verdict.reason : 'SyncFailed';
  const wake = [
    'observation',
    'answer',
    ...timesOf(missing),
    ...refreshesDue(situation, missing),
    ...(givesWay ? [givesWay.at] : []),
  ] as const;
  const message = `the soak at ${at.at} is over: ${why}`;
  return { waits: { on: 'soak', reason, message, wake, until, silent: verdict.is === 'asking' } };
}

function refreshesDue({ live, policy }: Soaking, missing: readonly Judged[]): number[] {
  return live.promotion ? refreshTimes(live.promotion, missing, policy) : [];
}

/** A Station may have been inserted or removed meanwhile. */
function leave(situation: Soaking): Step {
  const { live, at, moment } = situation;
  const head = { ticket: live.ticket.id, at: moment.now.toISOString() };
  const next = nextNow(situation);
  const soaked: TrackEvent = { type: 'soaked', ...head };
  if (next === undefined) return { events: [soaked, { type: 'completed', ...head }] };
  return { events: next === at.next ? [soaked] : [{ type: 'rerouted', ...head, next }, soaked] };
}
