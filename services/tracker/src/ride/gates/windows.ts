import type { Station } from '@k8sta/tracks';
import { phaseOf } from '../../arrival/windows.js';
import type { Gate } from './gate.js';

type Windows = Station['gates']['windows'];

/** How many openings and closings to look ahead for the next time when a Ticket may enter. */
const mostChanges = 500;

/** After how long to look again for an opening that was not found, in milliseconds. */
const searchAgainMs = 60 * 60 * 1_000;

/**
 * A Ticket enters only within a window, by the rules of Argo CD's sync windows: an open deny window keeps it out, and if
 * there are allow windows, one of them must be open.
 */
export const windows: Gate = {
  name: 'windows',
  isPassable: true,
  check({ station, moment: { now } }) {
    const { isOpen, opensAt, until: lookAgainAt } = stateOf(station.gates.windows, now);
    if (isOpen) return undefined;
    const when =
      opensAt === undefined ? 'no opening is known' : `the next opening is ${new Date(opensAt).toISOString()}`;
    const message = `the windows of ${station.name} are closed; ${when}`;
    const until = opensAt === undefined ? {} : { until: opensAt };
    return { waits: { on: 'gate', reason: 'WindowClosed', message, wake: [lookAgainAt], ...until } };
  },
};

interface WindowsState {
  readonly isOpen: boolean;
  readonly opensAt?: number | undefined;
  /** From when and until when this holds, in milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

/** The last answer for each list of windows: to look ahead takes long, and nothing changes before a window does. */
const known = new WeakMap<Windows, WindowsState>();

function stateOf(all: Windows, now: Date): WindowsState {
  const last = known.get(all);
  const from = now.getTime();
  if (last && last.from <= from && from < last.until) return last;
  const isOpen = isOpenAt(all, now);
  const opensAt = isOpen ? undefined : nextOpening(all, now);
  const changes = all.flatMap((window) => phaseOf(window, now).changesAt ?? []);
  const until = opensAt ?? (isOpen ? Math.min(...changes) : from + searchAgainMs);
  const state = { isOpen, opensAt, from, until };
  known.set(all, state);
  return state;
}

function isOpenAt(all: Windows, at: Date): boolean {
  const open = all.filter((window) => phaseOf(window, at).isOpen);
  if (open.some(({ kind }) => kind === 'deny')) return false;
  return open.length > 0 || !all.some(({ kind }) => kind === 'allow');
}

/** The state changes only when a window opens or closes. */
function nextOpening(all: Windows, from: Date): number | undefined {
  let at = from;
  for (let count = 0; count < mostChanges; count++) {
    const changes = all.flatMap((window) => phaseOf(window, at).changesAt ?? []);
    if (changes.length === 0) return undefined;
    at = new Date(Math.min(...changes));
    if (isOpenAt(all, at)) return at.getTime();
  }
  return undefined;
}
