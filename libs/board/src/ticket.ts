import { isOver, type Ticket } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { age } from './age.js';
import type { Span } from './row.js';

/** The Station below which an open Ticket is shown; undefined before the first one. */
export function stationOf({ state }: Ticket): string | undefined {
  switch (state.is) {
    case 'waiting':
      return state.at;
    case 'promoting':
    case 'syncing':
    case 'rollingBack':
      return state.station;
    default:
      return undefined;
  }
}

export function isOpen({ state }: Ticket): boolean {
  return !isOver(state);
}

/** One Ticket: its image, its state, since when, and why. */
export function ticketSpans(ticket: Ticket, image: string, now: Date): Span[] {
  const { state } = ticket;
  const { sign, tone, verb } = looks[state.is];
  const what = state.is === 'failed' && state.station ? `failed at ${state.station}` : verb;
  const message = typeof state['message'] === 'string' ? sanitizeLine(state['message']) : '';
  return [
    { text: `${sign} ${sanitizeLine(image)}`, tone },
    { text: `  ${what} ${age(state.since, now)}${isOver(state) ? ' ago' : ''}` },
    { text: message && `  ${message}`, tone: state.is === 'failed' ? 'bad' : 'quiet' },
  ];
}

const looks = {
  waiting: { sign: '▷', tone: 'moving', verb: 'waiting' },
  promoting: { sign: '▶', tone: 'moving', verb: 'promoting' },
  syncing: { sign: '▶', tone: 'moving', verb: 'syncing' },
  completed: { sign: '✓', tone: 'good', verb: 'completed' },
  failed: { sign: '✗', tone: 'bad', verb: 'failed' },
  rollingBack: { sign: '◀', tone: 'moving', verb: 'rolling back' },
  cancelled: { sign: '×', tone: 'quiet', verb: 'cancelled' },
  superseded: { sign: '»', tone: 'quiet', verb: 'superseded' },
} as const;
