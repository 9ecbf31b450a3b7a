import { formatImage } from '@k8sta/contracts';
import { isSameImage, laneOf, rivalAt } from '../lane.js';
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
    for (const [, verdict] of verdicts) {
      if (verdict.is === 'failed' && verdict.reason === 'ChangedByOther') {
        return beingReplaced(entry, at.at) ?? fails(entry, 'ChangedByOther', verdict.message);
      }
      if (verdict.is === 'arrived') continue;
      const reason =
        verdict.is === 'failed' ? (verdict.reason === 'SyncFailed' ? 'SyncFailed' : 'Degraded') : verdict.reason;
      const message = `cannot leave ${at.at}: ${verdict.message}`;
      const wake = ['observation', 'answer', ...timesOf(verdicts)] as const;
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
