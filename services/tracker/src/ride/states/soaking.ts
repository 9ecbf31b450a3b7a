import { failStation } from '../fail-station.js';
import type { Situation, Step } from '../step.js';
import { timesOf, verdictsOn } from '../verdicts.js';

/** The Ticket has arrived and stays for the soak of the Station, with its block. */
export function soaking(situation: Situation<'waiting'>): Step {
  const { state, live, at, moment, policy } = situation;
  const here = at.at ?? '';
  const ticket = live.ticket.id;
  const now = moment.now.toISOString();
  const until = Date.parse(at.until ?? now);
  const verdicts = live.promotion ? verdictsOn(state, live.promotion, moment, policy) : [];
  for (const [, verdict] of verdicts) {
    // A sync of a later commit may fail; it takes nothing away from what runs.
    if (verdict.is === 'failed' && verdict.reason !== 'SyncFailed') {
      return failStation(situation, here, verdict.reason, `during the soak at ${here}: ${verdict.message}`);
    }
  }
  const wake = ['observation', 'answer', ...timesOf(verdicts)] as const;
  const troubles = verdicts.flatMap(([, verdict]) => (verdict.is === 'waiting' ? [verdict] : []));
  const trouble = troubles.map(({ message }) => message).join('; ');
  if (moment.now.getTime() < until) {
    const message = `soaks at ${here} until ${at.until}${trouble && `; ${trouble}`}`;
    return { waits: { on: 'soak', reason: 'Soaking', message, wake: [...wake, until], until } };
  }
  const notNow = verdicts.find(([, verdict]) => verdict.is !== 'arrived')?.[1];
  if (notNow && notNow.is !== 'arrived') {
    const message = `the soak at ${here} is over: ${notNow.message}`;
    const reason = notNow.is === 'failed' ? 'SyncFailed' : notNow.reason;
    return { waits: { on: 'soak', reason, message, wake, until, silent: notNow.is === 'asking' } };
  }
  const soaked = { type: 'soaked', ticket, at: now } as const;
  return { events: at.next === undefined ? [soaked, { type: 'completed', ticket, at: now }] : [soaked] };
}
