import type { Track } from '@k8sta/tracks';
import type { LiveTicket } from './state.js';

/** Whether an operator lets the Ticket pass the gates and the block of this Station. */
export function isExpress({ express }: LiveTicket, { stations }: Track, station: string): boolean {
  if (!express) return false;
  const [here, last] = [station, express.until].map((name) => stations.findIndex((each) => each.name === name));
  return express.until === undefined || (here ?? 0) <= (last ?? -1);
}
