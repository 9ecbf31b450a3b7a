import { membersOf } from '@k8sta/applications';
import { applicationKey } from '@k8sta/contracts';
import { higherVersionAt, supersederOf } from '../lane.js';
import type { Gate } from './gate.js';

/** A Ticket does not enter a Station if a newer one of its lane replaces it, or if a higher version runs there. */
export const newer: Gate = {
  name: 'newer',
  check({ track, state, live, moment, station }) {
    const { ticket } = live;
    const head = { type: 'superseded', ticket: ticket.id, at: moment.now.toISOString() } as const;
    const by = supersederOf(track, state, live);
    if (by) {
      const image = by.tag === undefined ? '' : ` (${by.tag})`;
      const message = `Ticket ${by.ticket}${image} is newer and goes to ${station.name} instead`;
      return { events: [{ ...head, by: by.ticket, reason: 'NewerTicket', message }] };
    }
    // An operator may go back to a lower version.
    if (ticket.by !== undefined || live.express) return undefined;
    const members = membersOf(state.observations, station).map(applicationKey);
    const higher = higherVersionAt(track, state, live, members);
    if (!higher) return undefined;
    const message = `${station.name} runs ${higher}, which is a higher version than ${ticket.image.tag}`;
    return { events: [{ ...head, reason: 'LowerVersion', message }] };
  },
};
