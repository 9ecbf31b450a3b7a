import { isOver, oneLine, type Ticket } from '@k8sta/contracts';
import type { Span } from './line.js';
import { age } from './text.js';

/** Between which Stations a train is drawn: under this one, or before the first. */
export function platformOf({ state }: Ticket): string | undefined {
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

export function isRiding({ state }: Ticket): boolean {
  return !isOver(state);
}

/** One train: its image, its state, since when, and why. */
export function drawTrain(ticket: Ticket, name: string, now: Date): Span[] {
  const { state } = ticket;
  const { sign, colour } = signs[state.is];
  const verb = state.is === 'failed' && state.station ? `failed at ${state.station}` : words[state.is];
  const message = typeof state['message'] === 'string' ? oneLine(state['message']) : '';
  return [
    { text: `${sign} ${oneLine(name)}`, colour },
    { text: `  ${verb} ${age(state.since, now)}${isOver(state) ? ' ago' : ''}` },
    { text: message && `  ${message}`, colour: state.is === 'failed' ? 'red' : 'dim' },
  ];
}

const signs = {
  waiting: { sign: '▷', colour: 'cyan' },
  promoting: { sign: '▶', colour: 'cyan' },
  syncing: { sign: '▶', colour: 'cyan' },
  rollingBack: { sign: '◀', colour: 'yellow' },
  completed: { sign: '✓', colour: 'green' },
  failed: { sign: '✗', colour: 'red' },
  superseded: { sign: '»', colour: 'dim' },
  cancelled: { sign: '✗', colour: 'dim' },
} as const;

const words = {
  waiting: 'waiting',
  promoting: 'promoting',
  syncing: 'syncing',
  rollingBack: 'rolling back',
  completed: 'completed',
  failed: 'failed',
  superseded: 'superseded',
  cancelled: 'cancelled',
} as const;
