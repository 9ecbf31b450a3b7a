import { isExpress } from '../express.js';
import { enteredAhead, higherVersionAt, laneOf, supersederOf } from '../lane.js';
import { askStanding, changeByPerson } from '../standing.js';
import type { Step } from '../step.js';
import type { Entry, Gate } from './gate.js';

/** A Ticket does not enter a Station if a newer one of its lane replaces it, or if the Station has a higher version. */
export const newer: Gate = {
  name: 'newer',
  check(entry) {
    const { track, state, live, station } = entry;
    const { ticket } = live;
    const by = supersederOf(track, state, live);
    if (by) return supersededBy(entry, by);
    // An operator may go back to a lower version.
    if (ticket.by !== undefined || isExpress(live, track, station.name)) return undefined;
    const ahead = enteredAhead(track, state, live, station.name);
    const higher = ahead ? undefined : higherVersionAt(track, state, live, station);
    if (!ahead && higher === undefined) return undefined;
    // A person may have gone back since: the gate `person` then compares with what that commit names.
    const standing = laneOf(state, live)?.standing[station.name];
    const asks = standing && askStanding(entry, standing);
    if (asks) return asks;
    if (standing && changeByPerson(standing) !== undefined) return undefined;
    return ahead ? supersededBy(entry, ahead) : lowerThan(entry, higher ?? '');
  },
};

function supersededBy(
  { live, moment, station }: Entry,
  { ticket: by, tag }: { ticket: string; tag?: string | undefined },
): Step {
  const message = `Ticket ${by}${tag === undefined ? '' : ` (${tag})`} is newer and goes to ${station.name} instead`;
  const head = { type: 'superseded', ticket: live.ticket.id, at: moment.now.toISOString() } as const;
  return { events: [{ ...head, by, reason: 'NewerTicket', message }] };
}

/** It ends because the Station has this image. */
export function lowerThan({ live, moment, station }: Entry, image: string): Step {
  const { ticket } = live;
  const message = `${station.name} has ${image}, which is a higher version than ${ticket.image.tag}`;
  const head = { type: 'superseded', ticket: ticket.id, at: moment.now.toISOString() } as const;
  return { events: [{ ...head, reason: 'LowerVersion', message }] };
}
