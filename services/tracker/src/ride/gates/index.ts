import { block } from './block.js';
import { departure } from './departure.js';
import { findings } from './findings.js';
import type { Gate } from './gate.js';
import { newer } from './newer.js';
import { tip } from './tip.js';

/** In the order of the checks: the first closed gate says why the Ticket waits. */
export const gates: readonly Gate[] = [newer, block, departure, findings, tip];
