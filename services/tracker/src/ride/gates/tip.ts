import { tipStep } from '../tip.js';
import type { Gate } from './gate.js';

/** A Ticket leaves a Station only while the tip of the branch names its image there. */
export const tip: Gate = {
  name: 'tip',
  check: (entry) => (entry.at.at === undefined ? undefined : tipStep(entry, entry.at.at)),
};
