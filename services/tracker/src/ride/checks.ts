import type { Station } from '@k8sta/tracks';
import type { EventOf } from './event.js';
import { isExpress } from './express.js';
import { failStation } from './fail-station.js';
import type { Check as CheckState } from './state.js';
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
 * The checks of the Station where the Ticket is, and of the one that it is to enter: they are requested as soon as the
 * Ticket has arrived, and a check that failed or was not reported in time fails the Station that was checked. Undefined if
 * neither happens now.
 */
export function checkStep(situation: Situation<'waiting'>): Step | undefined {
  for (const { station, check, known } of checksHere(situation)) {
    const step = known
      ? failureOf(situation, check, known)
      : { events: [requestOf(situation, station, check)] as const };
    if (step) return step;
  }
  return undefined;
}

/** When the checks that were requested and not reported time out, in milliseconds since the epoch. */
export function checkTimes(situation: Situation<'waiting'>): number[] {
  return checksHere(situation).flatMap(({ known }) =>
    known && known.outcome === undefined ? [Date.parse(known.until)] : [],
  );
}

function checksHere({ track, live, at }: Situation<'waiting'>) {
  return track.stations.flatMap(({ name: station, gates }) => {
    if (gates.checks.length === 0 || isExpress(live, track, station)) return [];
    return gates.checks
      .filter(({ of }) => of === at.at || station === at.next)
      .map((check) => ({ station, check, known: live.checks?.[`${station}/${check.name}`] }));
  });
}

function failureOf(situation: Situation<'waiting'>, { name, of }: Check, known: CheckState): Step | undefined {
  const { at, moment } = situation;
  const here = at.at ?? of;
  if (known.outcome === 'failed') {
    const said = known.message ? `: ${known.message}` : '';
    return failStation(
      situation,
      here,
      'CheckFailed',
      `${known.by} reported the check ${name} of ${of} as failed${said}`,
    );
  }
  if (known.outcome !== undefined || moment.now.getTime() < Date.parse(known.until)) return undefined;
  return failStation(situation, here, 'CheckTimedOut', `nobody reported the check ${name} of ${of} by ${known.until}`);
}
