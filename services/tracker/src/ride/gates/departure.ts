import { fails } from '../step.js';
import { timesOf, verdictsOn } from '../verdicts.js';
import type { Gate } from './gate.js';

/** A Ticket leaves a Station only while its image still runs there and is healthy. */
export const departure: Gate = {
  name: 'departure',
  check(entry) {
    const { state, live, at, moment, policy } = entry;
    if (at.at === undefined || !live.promotion) return undefined;
    const verdicts = verdictsOn(state, live.promotion, moment, policy);
    for (const [, verdict] of verdicts) {
      if (verdict.is === 'failed' && verdict.reason === 'RolledBack') {
        return fails(entry, 'RolledBack', verdict.message);
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
