import { askedAgainAt, isDue } from '../elsewhere.js';
import type { Gate } from './gate.js';

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
    const wake = ['elsewhere', askedAgainAt(moment.now)] as const;
    return { waits: { on: 'gate', reason: 'AfterOther', message, wake, asksElsewhere } };
  },
};
