import { laneOf } from '../lane.js';
import { fails } from '../step.js';
import { timesOf, verdictsOn } from '../verdicts.js';
import type { Gate } from './gate.js';

/** A Ticket leaves a Station only while its image still runs there and is healthy. */
export const departure: Gate = {
  name: 'departure',
  isPassable: true,
  check(entry) {
    const { state, live, at, moment, policy } = entry;
    if (at.at === undefined || !live.promotion) return undefined;
    const there = laneOf(state, live)?.standing[at.at];
    if (there && there.ticket !== live.ticket.id && there.image.tag !== live.ticket.image.tag) {
      const message = `cannot leave ${at.at}: Ticket ${there.ticket} has committed ${there.image.tag} there since`;
      return { waits: { on: 'application', reason: 'ReplacedHere', message, wake: ['blockFreed', 'word'] } };
    }
    const verdicts = verdictsOn(state, live.promotion, moment, policy);
    for (const [, verdict] of verdicts) {
      if (verdict.is === 'failed' && verdict.reason === 'ChangedByOther') {
        return fails(entry, 'ChangedByOther', verdict.message);
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
