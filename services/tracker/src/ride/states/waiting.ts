import { isJunction } from '@k8sta/tracks';
import { checkStep, checkTimes } from '../checks.js';
import { isExpress } from '../express.js';
import type { Entry } from '../gates/gate.js';
import { gates } from '../gates/index.js';
import { nextNow } from '../next.js';
import { planPromotion } from '../plan-promotion.js';
import { fails, type Situation, type Step, stationGone, tooOldAt, tooOldBecause, type Wake } from '../step.js';
import { awaitChildren, branch } from './junction.js';
import { soaking } from './soaking.js';

/** After how long a Ticket whose request was too large tries again, in milliseconds. */
const tooLargeAgainMs = 60_000;

/** A Ticket between two Stations, or one that soaks, or one whose junction Tickets are on their way. */
export function waiting(situation: Situation<'waiting'>): Step {
  const { moment, live, at } = situation;
  const end = tooOldAt(situation);
  if (moment.now.getTime() >= end) {
    return fails(situation, 'MaxAge', tooOldBecause(situation, `last: ${at.message}`));
  }
  const step = live.children
    ? awaitChildren(situation)
    : (checkStep(situation) ?? (at.on === 'soak' ? soaking(situation) : enterNext(situation)));
  if (!('waits' in step)) return step;
  return { waits: { ...step.waits, wake: [...step.waits.wake, ...checkTimes(situation), end] } };
}

/** It enters the next Station once every gate is open and the commit can be requested. */
function enterNext(situation: Situation<'waiting'>): Step {
  const { track, state, live, at, moment, policy } = situation;
  const rerouted = reroute(situation);
  if (rerouted) return rerouted;
  const station = track.stations.find(({ name }) => name === at.next);
  if (!station) {
    const { reason, message } = stationGone(situation, at.next ?? '');
    return fails(situation, reason, message);
  }
  const entry = { ...situation, station };
  const closed = closedGate(entry);
  if (closed) return closed;
  if (isJunction(station)) return branch(situation, station);
  const planned = planPromotion(track, state, station, live.ticket, moment, policy.commitDeadlineMs);
  if ('blocked' in planned) {
    const { reason, message } = planned.blocked;
    const why = `cannot enter ${station.name}: ${message}`;
    // Applications outside the Track and the limit of NATS decide this, too, and neither wakes the Track.
    const again = moment.now.getTime() + tooLargeAgainMs;
    const wake: Wake = reason === 'RequestTooLarge' ? ['observation', again] : ['observation'];
    return { waits: { on: 'application', reason, message: why, wake } };
  }
  const now = moment.now.toISOString();
  return { events: [{ type: 'promotes', ticket: live.ticket.id, station: station.name, ...planned, at: now }] };
}

function closedGate(entry: Entry): Step | undefined {
  const passes = isExpress(entry.live, entry.track, entry.station.name);
  for (const gate of gates) {
    const step = passes && gate.isPassable ? undefined : gate.check(entry);
    if (step) return step;
  }
  return undefined;
}

/** The tracks file may have changed since the Ticket was opened or arrived: a Station was inserted, or removed. */
function reroute(situation: Situation<'waiting'>): Step | undefined {
  const { live, at, moment } = situation;
  const next = nextNow(situation);
  if (next === at.next) return undefined;
  const head = { ticket: live.ticket.id, at: moment.now.toISOString() };
  return { events: [next === undefined ? { type: 'completed', ...head } : { type: 'rerouted', ...head, next }] };
}
