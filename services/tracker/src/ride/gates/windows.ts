import type { Station } from '@k8sta/tracks';
import { phaseOf } from '../../arrival/windows.js';
import type { Gate } from './gate.js';

type Windows = Station['gates']['windows'];

/** How many openings and closings to look ahead for the next time when a Ticket may enter. */
const mostChanges = 500;

/**
 * A Ticket enters only within a window, by the rules of Argo CD's sync windows: an open deny window keeps it out, and if
 * there are allow windows, one of them must be open.
 */
export const windows: Gate = {
  name: 'windows',
  isPassable: true,
  check({ station, moment: { now } }) {
    const all = station.gates.windows;
    if (isOpen(all, now)) return undefined;
    const opensAt = nextOpening(all, now);
    const when =
      opensAt === undefined ? 'no opening is known' : `the next opening is ${new Date(opensAt).toISOString()}`;
    const message = `the windows of ${station.name} are closed; ${when}`;
    const until = opensAt === undefined ? {} : { until: opensAt };
    return { waits: { on: 'gate', reason: 'WindowClosed', message, wake: [opensAt ?? 'word'], ...until } };
  },
};

function isOpen(all: Windows, at: Date): boolean {
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
    if (isOpen(all, at)) return at.getTime();
  }
  return undefined;
}
