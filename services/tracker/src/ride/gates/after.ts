import type { LiveTicket } from '../state.js';
import type { Gate } from './gate.js';

/** How long an answer about another Track holds, in milliseconds: an event says that something happened there. */
const elsewhereFreshForMs = 60_000;

/** The image must have arrived at a Station of another Track. */
export const after: Gate = {
  name: 'after',
  isPassable: true,
  check({ live, station, moment }) {
    const missing = station.gates.after.filter(
      (place) => live.after?.[`${place.track}/${place.station}`]?.is !== 'arrived',
    );
    if (missing.length === 0) return undefined;
    const { repository, tag } = live.ticket.image;
    const places = missing.map((place) => `${place.track}/${place.station}`);
    const message = `cannot enter ${station.name}: ${repository}:${tag} has not arrived at ${places.join(', ')} yet`;
    const asked = missing.map((place) => live.after?.[`${place.track}/${place.station}`]);
    const asksElsewhere = missing
      .filter((_, at) => isDue(asked[at], moment.now))
      .map(({ track, station: name }) => ({ is: 'arrival', track, station: name }) as const);
    const wake = ['elsewhere', moment.now.getTime() + elsewhereFreshForMs] as const;
    return { waits: { on: 'gate', reason: 'AfterOther', message, wake, asksElsewhere } };
  },
};

/** Whether to ask again what is known of something on another Track. */
export function isDue(known: NonNullable<LiveTicket['after']>[string] | undefined, now: Date): boolean {
  return known?.askedAt === undefined || now.getTime() - Date.parse(known.askedAt) >= elsewhereFreshForMs;
}
