import type { Station } from '@k8sta/tracks';
import type { EventOf } from './event.js';
import { failStation } from './fail-station.js';
import type { Situation, Step } from './step.js';

type Check = Station['gates']['checks'][number];

/** The event that asks for a check. */
export function requestOf(
  { live, moment: { now } }: Pick<Situation, 'live' | 'moment'>,
  station: string,
  { name, of, timeoutMs }: Check,
): EventOf<'checkRequested'> {
  const until = new Date(now.getTime() + timeoutMs).toISOString();
  return { type: 'checkRequested', ticket: live.ticket.id, station, name, of, until, at: now.toISOString() };
}

/**
 * The checks of the Station where the Ticket is: they are requested as soon as it has arrived, and a check that failed or
 * was not reported in time fails that Station. Undefined if neither happens now.
 */
export function checkHere(situation: Situation<'waiting'>): Step | undefined {
  const { track, live, at, moment } = situation;
  if (at.at === undefined) return undefined;
  for (const { name: station, gates } of track.stations) {
    for (const check of gates.checks) {
      const known = live.checks?.[`${station}/${check.name}`];
      if (check.of !== at.at) continue;
      if (!known) return { events: [requestOf(situation, station, check)] };
      if (known.outcome === 'failed') {
        const said = known.message ? `: ${known.message}` : '';
        const message = `${known.by} reported the check ${check.name} of ${at.at} as failed${said}`;
        return failStation(situation, at.at, 'CheckFailed', message);
      }
      if (known.outcome === undefined && moment.now.getTime() >= Date.parse(known.until)) {
        const message = `nobody reported the check ${check.name} of ${at.at} by ${known.until}`;
        return failStation(situation, at.at, 'CheckTimedOut', message);
      }
    }
  }
  return undefined;
}
