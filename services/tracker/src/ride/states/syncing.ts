import type { TrackEvent } from '../event.js';
import { failStation } from '../fail-station.js';
import { follow, type Judged } from '../follow.js';
import { giveWayToNewer, newerAt } from '../give-way.js';
import { nextOf } from '../next.js';
import { endOf, type Situation, type Step, stationGone, type Wait } from '../step.js';
import { tipStep } from '../tip.js';

type Syncing = Situation<'syncing'>;

/** The Station's commits are pushed: the Ticket waits until every Application has arrived. */
export function syncing(situation: Syncing): Step {
  const { track, live, at } = situation;
  const { promotion } = live;
  const station = track.stations.find(({ name }) => name === at.station);
  if (!station || !promotion) {
    const { reason, message } = stationGone(situation, at.station);
    return failStation(situation, at.station, reason, message);
  }
  const { deadline } = at;
  return follow({
    ...{ situation, promotion, deadline },
    arrived: () => arrive(situation, station.soakMs),
    failed: (reason, message) => failStation(situation, at.station, reason, message),
    givesWay: (missing, wait) => giveWay(situation, missing, wait),
  });
}

/** Asks about the tip of the branch before the block is released, so that the Ticket need not wait again to leave. */
function arrive(situation: Syncing, soakMs: number): Step {
  const { track, live, at, moment } = situation;
  const next = nextOf(track, live, at.station);
  const tip = next === undefined || soakMs > 0 || live.ending ? undefined : tipStep(situation, at.station);
  // Where the promoter cannot tell, the Ticket waits for it without the block.
  if (tip && ('events' in tip || tip.waits.silent)) return tip;
  const now = moment.now.toISOString();
  const ticket = live.ticket.id;
  const soaks = soakMs > 0 && !live.ending;
  const soakUntil = soaks ? { soakUntil: new Date(moment.now.getTime() + soakMs).toISOString() } : {};
  const arrived: TrackEvent = { type: 'arrived', ticket, station: at.station, next, ...soakUntil, at: now };
  const end = live.ending && endOf(situation, live.ending, at.station);
  if (end && 'events' in end) return { events: [arrived, ...end.events] };
  const completes = next === undefined && !soaks;
  return { events: completes ? [arrived, { type: 'completed', ticket, at: now }] : [arrived] };
}

/** A Ticket that is to end, or in trouble, gives way to a newer one that could enter but for this one. */
function giveWay(situation: Syncing, missing: readonly Judged[], wait: Wait): Step | { at: number } | undefined {
  const { track, state, live, at } = situation;
  const ends = live.ending && newerAt(track, state, live, at.station) && endOf(situation, live.ending, at.station);
  return ends || giveWayToNewer(situation, at.station, Date.parse(at.since), missing, wait.message);
}
