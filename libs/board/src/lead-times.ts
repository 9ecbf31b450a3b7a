import type { Ticket } from '@k8sta/contracts';

/** How long the last Tickets took to one Station. */
export interface LeadTime {
  readonly station: string;
  /** How many Tickets the medians are of. */
  readonly tickets: number;
  /** From the webhook to the arrival, in milliseconds. */
  readonly fromPushMs: number;
  /** From the request for the commit to the arrival, in milliseconds. */
  readonly insideMs: number;
}

/** How many of the last arrivals at a Station count. */
const lastArrivals = 20;

/** The medians of the last arrivals at each of these Stations; a Station without an arrival is absent. */
export function leadTimes(stations: readonly string[], tickets: readonly Ticket[]): LeadTime[] {
  return stations.flatMap((station) => {
    const arrivals = tickets
      .flatMap(({ receivedAt, stations: records }) =>
        records
          .filter((record) => record.station === station && record.kind === undefined)
          .flatMap(({ arrivedAt, requestedAt }) => (arrivedAt ? [{ arrivedAt, requestedAt, receivedAt }] : [])),
      )
      .sort((a, b) => b.arrivedAt.localeCompare(a.arrivedAt))
      .slice(0, lastArrivals);
    if (arrivals.length === 0) return [];
    const since = (key: 'receivedAt' | 'requestedAt') =>
      median(arrivals.map((arrival) => Date.parse(arrival.arrivedAt) - Date.parse(arrival[key])));
    return [{ station, tickets: arrivals.length, fromPushMs: since('receivedAt'), insideMs: since('requestedAt') }];
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return Math.max(0, (low + high) / 2);
}
