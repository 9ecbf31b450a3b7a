import type { Track } from '@k8sta/tracks';
import type { LiveTicket } from './state.js';
import type { Situation } from './step.js';

/** The Station after this one; undefined if the Ticket ends here. */
export function nextOf({ stations }: Track, { lastStop }: LiveTicket, station: string): string | undefined {
  if (station === lastStop) return undefined;
  const here = stations.findIndex(({ name }) => name === station);
  return here < 0 ? undefined : stations[here + 1]?.name;
}

/**
 * The Station that a waiting Ticket enters next by the tracks file of now. What an operator opened starts where the word
 * says, and what is at a Station that was removed goes on to the one that came next.
 */
export function nextNow({ track, live, at }: Situation<'waiting'>): string | undefined {
  const { stations } = track;
  if (at.at === undefined) return live.ticket.by === undefined ? (stations[0]?.name ?? at.next) : at.next;
  return stations.some(({ name }) => name === at.at) ? nextOf(track, live, at.at) : at.next;
}
