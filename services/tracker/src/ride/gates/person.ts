import { short } from '../../arrival/verdict.js';
import { laneOf } from '../lane.js';
import { tipIsDue } from '../questions.js';
import type { Standing } from '../state.js';
import type { Gate } from './gate.js';

/**
 * Where a person changed the image in Git after a Ticket had arrived, the next Ticket waits until an operator resumes the
 * Station. A change by K8sTA itself, or after a Ticket that failed, keeps nobody out.
 */
export const person: Gate = {
  name: 'person',
  check({ state, live, station, moment, policy }) {
    const standing = laneOf(state, live)?.standing[station.name];
    if (!standing?.arrivedAt || standing.resumed || station.afterRevert === 'goOn') return undefined;
    for (const [key, { tip }] of Object.entries(standing.applications)) {
      const isUnknown = tip?.answer.relation === 'unknown';
      if (!tip || (!isUnknown && tipIsDue(tip, moment.now, policy))) {
        const message = `${key}: asking whether the branch still names ${standing.image.tag}`;
        const waits = { on: 'application', reason: 'AskingPromoter', message, wake: ['answer'] } as const;
        return { waits: { ...waits, silent: true, asksStanding: station.name } };
      }
      if (!isUnknown) continue;
      const message = `cannot enter ${station.name}: ${key}: cannot tell whether somebody changed it: ${tip.answer.message ?? 'no answer'}`;
      const again = Date.parse(tip.askedAt) + policy.askAgainMs;
      const wake = ['answer', again] as const;
      return { waits: { on: 'application', reason: 'RelationUnknown', message, wake, asksStanding: station.name } };
    }
    const changed = changeByPerson(standing);
    if (changed === undefined) return undefined;
    const message = `${station.name} is held: ${changed}; \`k8sta resume\` lets Tickets go on`;
    const again = moment.now.getTime() + policy.refreshAtMostEveryMs;
    return {
      waits: { on: 'gate', reason: 'HeldByPerson', message, wake: ['word', again], asksStanding: station.name },
    };
  },
};

/** Who changed what K8sTA had committed and what had arrived; undefined if no person did, or if an operator resumed it. */
export function changeByPerson({ applications, image, arrivedAt, resumed }: Standing): string | undefined {
  if (arrivedAt === undefined || resumed) return undefined;
  for (const [key, { tip }] of Object.entries(applications)) {
    if (tip?.answer.namesImage !== false || tip.answer.changedBy?.ours) continue;
    const { named = 'no image', changedBy } = tip.answer;
    const who = changedBy ? `${changedBy.author} changed it in ${short(changedBy.commit)}` : 'somebody changed it';
    return `${key} names ${named} instead of ${image.tag}: ${who}`;
  }
  return undefined;
}
