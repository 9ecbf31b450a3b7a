import { applicationKey } from '@k8sta/contracts';
import { promotedBy } from '../evidence.js';
import { requestedMessage } from '../plan-promotion.js';
import type { Promotion } from '../state.js';
import { fails, type Situation, type Step, type Wait } from '../step.js';

/** Every part must be answered before the Station is judged: a Ticket keeps its block while a push may follow. */
export function promoting(situation: Situation<'promoting'>): Step {
  const { track, live, at, moment } = situation;
  const { promotion } = live;
  if (!promotion) return fails(situation, 'PromotionFailed', 'the promotion is missing from the state of the Track');
  const { parts } = promotion;
  if (parts.some(({ answer }) => answer.is === 'open')) return { waits: unanswered(promotion, at, moment.now) };
  const failures = parts.flatMap(({ request, answer }) =>
    answer.is === 'failed' ? [`${answer.reason}: ${request.repository}: ${answer.message}`] : [],
  );
  if (failures.length > 0) return fails(situation, 'PromotionFailed', failures.join('; '));
  if (promotedBy(promotion).length === 0) {
    const { repository } = live.ticket.image;
    const applications = parts.flatMap(({ request }) => request.applications.map(applicationKey));
    const message = `no Application of Station ${at.station} (${applications.join(', ')}) uses ${repository}; correct the Station, or say under "edit" where the tag is`;
    return fails(situation, 'ImageNotNamed', message);
  }
  const deadlineMs = track.stations.find(({ name }) => name === at.station)?.deadlineMs ?? 0;
  const now = moment.now.toISOString();
  const deadline = new Date(Date.parse(promotion.committedAt ?? now) + deadlineMs).toISOString();
  return { events: [{ type: 'syncs', ticket: live.ticket.id, deadline, at: now }] };
}

/** What the promoter reported about the parts that it has not committed or refused yet. */
function unanswered({ parts }: Promotion, { notAfter }: Situation<'promoting'>['at'], now: Date): Wait {
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
