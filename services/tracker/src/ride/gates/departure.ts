import { formatImage } from '@k8sta/contracts';
import type { TrackEvent } from '../event.js';
import { continueWithRest } from '../follow.js';
import { isSameImage, laneOf, rivalAt } from '../lane.js';
import { refreshesOf, refreshTimes } from '../refresh.js';
import { fails, type Step } from '../step.js';
import { timesOf, verdictsOn } from '../verdicts.js';
import type { Entry, Gate } from './gate.js';

/** A Ticket leaves a Station only while its image still runs there and is healthy. */
export const departure: Gate = {
  name: 'departure',
  isPassable: true,
  check(entry) {
    const { state, live, at, moment, policy } = entry;
    if (at.at === undefined || !live.promotion) return undefined;
    const there = laneOf(state, live)?.standing[at.at];
    if (there && there.ticket !== live.ticket.id && !isSameImage(there.image, live.ticket.image)) {
      const message = `cannot leave ${at.at}: Ticket ${there.ticket} has committed ${there.image.tag} there since`;
      return { waits: { on: 'application', reason: 'ReplacedHere', message, wake: ['blockFreed', 'word'] } };
    }
    const verdicts = verdictsOn(state, live.promotion, moment, policy);
    const rest = continueWithRest(entry, live.promotion, verdicts);
    if (rest) return rest;
    const refreshes = refreshesOf(live.ticket.id, live.promotion, verdicts, moment.now, policy);
    for (const [, verdict] of verdicts) {
      if (verdict.is === 'arrived') continue;
      const replaced = verdict.is !== 'asking' && verdict.reason === 'ChangedByOther' && beingReplaced(entry, at.at);
      if (replaced) return replaced;
      if (verdict.is === 'failed' && verdict.reason === 'ChangedByOther') {
        return fails(entry, 'ChangedByOther', verdict.message);
      }
      if (refreshes.length > 0) return { events: refreshes as [TrackEvent, ...TrackEvent[]] };
      const reason =
        verdict.is === 'failed' ? (verdict.reason === 'SyncFailed' ? 'SyncFailed' : 'Degraded') : verdict.reason;
      const message = `cannot leave ${at.at}: ${verdict.message}`;
      const wake = [
        'observation',
        'answer',
        ...timesOf(verdicts),
        ...refreshTimes(live.promotion, verdicts, policy),
      ] as const;
      return { waits: { on: 'application', reason, message, wake, silent: verdict.is === 'asking' } };
    }
    return undefined;
  },
};

/** Waits while another Ticket of the lane changes this Station: its commit may be there before the promoter's answer is. */
export function beingReplaced({ state, live }: Entry, station: string): Step | undefined {
  const rival = rivalAt(state, live, station);
  if (!rival) return undefined;
  const { id, image } = rival.ticket;
  const message = `cannot leave ${station}: Ticket ${id} (${formatImage(image)}) changes the image there`;
  return { waits: { on: 'application', reason: 'ReplacedHere', message, wake: ['blockFreed', 'answer'] } };
}
