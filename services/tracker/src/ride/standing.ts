import type { Station } from '@k8sta/tracks';
import { short } from '../arrival/verdict.js';
import { tipIsDue } from './questions.js';
import type { Standing } from './state.js';
import type { Situation, Step } from './step.js';

/**
 * Asks the promoter whether the branch still names what K8sTA committed last at the Station and what has arrived there.
 * Undefined once that is known, or if nothing has arrived.
 */
export function askStanding(
  { station, moment, policy }: Pick<Situation, 'moment' | 'policy'> & { readonly station: Station },
  { applications, arrivedAt, resumed, image }: Standing,
): Step | undefined {
  if (arrivedAt === undefined || resumed) return undefined;
  for (const [key, { tip }] of Object.entries(applications)) {
    const isUnknown = tip?.answer.relation === 'unknown';
    if (!tip || (!isUnknown && tipIsDue(tip, moment.now, policy))) {
      const message = `${key}: asking whether the branch still names ${image.tag}`;
      const waits = { on: 'application', reason: 'AskingPromoter', message, wake: ['answer'] } as const;
      return { waits: { ...waits, silent: true, asksStanding: station.name } };
    }
    if (!isUnknown) continue;
    const message = `cannot enter ${station.name}: ${key}: cannot tell whether somebody changed it: ${tip.answer.message ?? 'no answer'}`;
    const again = Date.parse(tip.askedAt) + policy.askAgainMs;
    const wake = ['answer', again] as const;
    return { waits: { on: 'application', reason: 'RelationUnknown', message, wake, asksStanding: station.name } };
  }
  return undefined;
}

/** Who changed what K8sTA had committed and what had arrived; undefined if no person did, or if an operator resumed it. */
export function changeByPerson(standing: Standing): string | undefined {
  const [key, answer] = changed(standing) ?? [];
  if (!answer) return undefined;
  const { named = 'no image', changedBy } = answer;
  const who = changedBy ? `${changedBy.author} changed it in ${short(changedBy.commit)}` : 'somebody changed it';
  return `${key} names ${named} instead of ${standing.image.tag}: ${who}`;
}

/** The image that a person's commit names at the Station, as the files spell it. */
export function namedByPerson(standing: Standing): string | undefined {
  return changed(standing)?.[1].named;
}

function changed({ applications, arrivedAt, resumed }: Standing) {
  if (arrivedAt === undefined || resumed) return undefined;
  for (const [key, { tip }] of Object.entries(applications)) {
    if (tip?.answer.namesImage === false && !tip.answer.changedBy?.ours) return [key, tip.answer] as const;
  }
  return undefined;
}
