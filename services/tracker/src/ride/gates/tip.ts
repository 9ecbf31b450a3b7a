import { tipStep } from '../tip.js';
import { beingReplaced } from './departure.js';
import type { Gate } from './gate.js';

/** A Ticket leaves a Station only while the tip of the branch names its image there. */
export const tip: Gate = {
  name: 'tip',
  check(entry) {
    const { at } = entry.at;
    if (at === undefined) return undefined;
    const step = tipStep(entry, at);
    return step && 'events' in step ? (beingReplaced(entry, at) ?? step) : step;
  },
};
