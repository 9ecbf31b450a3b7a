import type { TrackState } from '../state.js';
import type { Gate } from './gate.js';

/** Nothing enters a Station while an operator has paused it, or the Track. */
export const pause: Gate = {
  name: 'pause',
  isPassable: true,
  check({ track, state, station }) {
    const message = pausedBecause(state, track.name, station.name);
    return message === undefined ? undefined : { waits: { on: 'pause', reason: 'Paused', message, wake: ['word'] } };
  },
};

/** Who paused the Station or its Track, and why; undefined if nobody did. */
export function pausedBecause({ pauses }: TrackState, track: string, station: string): string | undefined {
  for (const [what, paused] of [
    [`Track ${track}`, pauses['']],
    [`Station ${station}`, pauses[station]],
  ] as const) {
    if (paused?.by === undefined) continue;
    return `${paused.by} paused the ${what} at ${paused.at}${paused.message ? `: ${paused.message}` : ''}`;
  }
  return undefined;
}
