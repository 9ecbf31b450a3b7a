import type { Track } from '@k8sta/tracks';
import type { LiveTicket } from './state.js';

/** The Station after this one; undefined if the Ticket ends here. */
export function nextOf({ stations }: Track, { lastStop }: LiveTicket, station: string): string | undefined {
  if (station === lastStop) return undefined;
  const here = stations.findIndex(({ name }) => name === station);
  return here < 0 ? undefined : stations[here + 1]?.name;
}
