import type { Tone } from './row.js';

/** How a Ticket in each state looks: a sign, a tone and a verb. For every painter. */
export const ticketLooks = {
  waiting: { sign: '▷', tone: 'moving', verb: 'waiting' },
  promoting: { sign: '▶', tone: 'moving', verb: 'promoting' },
  syncing: { sign: '▶', tone: 'moving', verb: 'syncing' },
  completed: { sign: '✓', tone: 'good', verb: 'completed' },
  failed: { sign: '✗', tone: 'bad', verb: 'failed' },
  rollingBack: { sign: '◀', tone: 'moving', verb: 'rolling back' },
  cancelled: { sign: '×', tone: 'quiet', verb: 'cancelled' },
  superseded: { sign: '»', tone: 'quiet', verb: 'superseded' },
} as const satisfies Record<string, { sign: string; tone: Tone; verb: string }>;

/** `isOver` of the contracts, which a browser cannot import. */
export function isEnded(is: keyof typeof ticketLooks): boolean {
  return is === 'completed' || is === 'failed' || is === 'superseded' || is === 'cancelled';
}

/** How the condition of an Application looks. */
export const conditionLooks = {
  good: { sign: '✓', tone: 'good' },
  busy: { sign: '…', tone: 'busy' },
  bad: { sign: '✗', tone: 'bad' },
  unknown: { sign: '?', tone: 'bad' },
} as const satisfies Record<string, { sign: string; tone: Tone }>;

export type Condition = keyof typeof conditionLooks;
