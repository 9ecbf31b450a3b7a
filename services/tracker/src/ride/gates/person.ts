import { tryParseImage } from '@k8sta/contracts';
import { isExpress } from '../express.js';
import { isHigherVersion, laneOf } from '../lane.js';
import { askStanding, changeByPerson, namedByPerson } from '../standing.js';
import type { Gate } from './gate.js';
import { lowerThan } from './newer.js';

/**
 * Where a person changed the image in Git after a Ticket had arrived, the next Ticket waits until an operator resumes the
 * Station. A change by K8sTA itself, or after a Ticket that failed, keeps nobody out.
 */
export const person: Gate = {
  name: 'person',
  check(entry) {
    const { track, state, live, station, moment, policy } = entry;
    const standing = laneOf(state, live)?.standing[station.name];
    const goesOn = station.afterRevert === 'goOn';
    if (!standing || (goesOn && track.order !== 'semver')) return undefined;
    const asks = askStanding(entry, standing);
    if (asks) return asks;
    const changed = changeByPerson(standing);
    if (changed === undefined) return undefined;
    if (goesOn) {
      const named = namedByPerson(standing) ?? '';
      const isFree = live.ticket.by !== undefined || isExpress(live, track, station.name);
      return !isFree && isHigherVersion(track, tryParseImage(named)?.tag, live) ? lowerThan(entry, named) : undefined;
    }
    const message = `${station.name} is held: ${changed}; \`k8sta resume\` lets Tickets go on`;
    const again = moment.now.getTime() + policy.refreshAtMostEveryMs;
    return { waits: { on: 'gate', reason: 'HeldByPerson', message, wake: ['word', again] } };
  },
};
