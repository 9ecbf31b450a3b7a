import { requestedMessage } from './plan-promotion.js';
import type { Promotion } from './state.js';
import type { Wait } from './step.js';

/** What the promoter reported about the parts that it has not committed or refused yet. */
export function unanswered({ parts }: Promotion, notAfter: string, now: Date): Wait {
  const delays = parts.flatMap(({ answer }) => (answer.is === 'open' && answer.delay ? [answer.delay] : []));
  const said = [...new Set(delays)].join('; ');
  const end = Date.parse(notAfter);
  if (now.getTime() > end) {
    const last = said ? `; last: ${said}` : '';
    const message = `no answer from the promoter, though nothing may be committed since ${notAfter}${last}; is it running?`;
    return { reason: 'PromoterSilent', message, wake: ['answer'] };
  }
  const wake = ['answer', end + 1] as const;
  if (!said) return { reason: 'CommitRequested', message: requestedMessage(parts.length), wake };
  return { reason: 'CommitDelayed', message: `cannot be committed yet: ${said}; retried until ${notAfter}`, wake };
}
