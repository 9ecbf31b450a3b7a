import { short } from '../../arrival/verdict.js';
import { promotedBy } from '../evidence.js';
import { tipIsDue } from '../questions.js';
import { fails } from '../step.js';
import type { Gate } from './gate.js';

/**
 * A Ticket leaves a Station only while the tip of the branch names its image there: a person may have gone back in Git
 * before Argo CD has looked.
 */
export const tip: Gate = {
  name: 'tip',
  check(entry) {
    const { live, at, moment, policy } = entry;
    if (at.at === undefined || !live.promotion) return undefined;
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
        return fails(entry, 'RolledBack', message);
      }
      if (relation === 'unknown' || namesImage === undefined) {
        const message = `cannot leave ${at.at}: ${key}: cannot tell whether the branch still names our image: ${why ?? 'no answer'}`;
        const again = Date.parse(known.askedAt) + policy.askAgainMs;
        return {
          waits: { on: 'application', reason: 'RelationUnknown', message, wake: ['answer', again], asksTip: true },
        };
      }
    }
    return undefined;
  },
};
