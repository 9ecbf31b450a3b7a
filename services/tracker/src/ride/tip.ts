import { short } from '../arrival/verdict.js';
import { promotedBy } from './evidence.js';
import { tipIsDue } from './questions.js';
import { fails, type Situation, type Step } from './step.js';

/**
 * Whether the tip of the branch still names the Ticket's image at its Station: undefined once it does. A person may have
 * reverted our commit before Argo CD has polled, so this is asked before a Ticket leaves a Station.
 */
export function tipStep(situation: Pick<Situation, 'live' | 'moment' | 'policy'>, station: string): Step | undefined {
  const { live, moment, policy } = situation;
  if (!live.promotion) return undefined;
  const { applications } = live.promotion;
  const here = promotedBy(live.promotion).filter(({ key }) => applications[key]?.left === undefined);
  for (const { key } of here) {
    const known = applications[key]?.tip;
    const isDue = tipIsDue(known, moment.now, policy);
    if (!known || (isDue && known.answer.relation !== 'unknown')) {
      const message = `${key}: asking whether the branch still names our image`;
      const waits = { on: 'application', reason: 'AskingPromoter', message, wake: ['answer'] } as const;
      return { waits: { ...waits, silent: true, asksTip: true } };
    }
    const { relation, namesImage, named, message: why } = known.answer;
    if (namesImage === false) {
      const instead = named ? `: they name ${named}` : '';
      const message = `${key}: the files at the tip of the branch (${short(known.revision)}) no longer name our image${instead}; somebody changed them after our commit`;
      return fails(situation, 'ChangedByOther', message);
    }
    if (relation === 'unknown' || namesImage === undefined) {
      const message = `cannot leave ${station}: ${key}: cannot tell whether the branch still names our image: ${why ?? 'no answer'}`;
      const again = Date.parse(known.askedAt) + policy.askAgainMs;
      return {
        waits: { on: 'application', reason: 'RelationUnknown', message, wake: ['answer', again], asksTip: true },
      };
    }
  }
  return undefined;
}
