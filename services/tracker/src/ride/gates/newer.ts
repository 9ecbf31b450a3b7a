import { supersederOf } from '../lane.js';
import type { Gate } from './gate.js';

/** A Ticket does not enter a Station if a newer one of its lane replaces it. */
export const newer: Gate = {
  name: 'newer',
  check({ state, live, at, moment }) {
    const by = supersederOf(state, live)?.ticket;
    if (by === undefined) return undefined;
    const message = `Ticket ${by} has an image that was pushed later and enters ${at.next} instead`;
    return { events: [{ type: 'superseded', ticket: live.ticket.id, by, message, at: moment.now.toISOString() }] };
  },
};
