import { type Evidence, type Happened, isEnd } from '../evidence.js';

/** A commit at a Station before the arrival at the one before, or while another Ticket of the Track holds the Station. */
export function brokenStations({ plan, history }: Evidence): string[] {
  const stationsOf = new Map(plan.lines.map(({ name, hosted }) => [name, Object.keys(hosted.line.stations)]));
  const arrived = new Set<string>();
  const committed = new Set<string>();
  /** The Ticket that has committed at a Station, and has neither arrived there nor ended. */
  const holders = new Map<string, string>();
  const found: string[] = [];
  const missing = ({ track, ticket }: Happened, stations: readonly string[]) =>
    stations.filter((station) => !arrived.has(`${ticket}/${station}`)).map((station) => `${track}/${station}`);
  for (const event of history) {
    const { type, track, ticket, station = '', part = '' } = event;
    const stations = stationsOf.get(track) ?? [];
    const place = `${track}/${station}`;
    if (type === 'ticket.arrived') {
      arrived.add(`${ticket}/${station}`);
      if (holders.get(place) === ticket) holders.delete(place);
    } else if (isEnd(event)) {
      for (const [held, holder] of holders) if (holder === ticket) holders.delete(held);
      if (type !== 'ticket.completed') continue;
      for (const before of missing(event, stations)) found.push(`${ticket} completed, and did not arrive at ${before}`);
    } else if (type === 'promotion.committed' && !committed.has(part)) {
      // The same event may be stored again, after the arrival.
      committed.add(part);
      const holder = holders.get(place) ?? ticket;
      if (holder !== ticket) found.push(`${ticket} committed at ${place} while ${holder} was on its way there`);
      holders.set(place, ticket);
      const earlier = stations.slice(0, stations.indexOf(station));
      for (const before of missing(event, earlier)) {
        found.push(`${ticket} committed at ${place}, and had not arrived at ${before}`);
      }
    }
  }
  return found;
}
