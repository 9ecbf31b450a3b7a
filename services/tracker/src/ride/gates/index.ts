import { after } from './after.js';
import { approval } from './approval.js';
import { block } from './block.js';
import { checks } from './checks.js';
import { departure } from './departure.js';
import { findings } from './findings.js';
import type { Gate } from './gate.js';
import { newer } from './newer.js';
import { pause } from './pause.js';
import { person } from './person.js';
import { tip } from './tip.js';
import { windows } from './windows.js';

/**
 * In the order of the checks: the first closed gate says why the Ticket waits. The block comes after what only people and
 * time open, so that a Ticket that waits for the block could enter but for the Ticket that holds it; what asks the
 * promoter comes last.
 */
export const gates: readonly Gate[] = [
  newer,
  pause,
  departure,
  findings,
  after,
  windows,
  approval,
  checks,
  block,
  person,
  tip,
];
