import { ticketId } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { hasRequested, isAwaited } from './awaited.js';
import type { TrackEvent } from './event.js';
import { requestedOnceMore } from './plan-promotion.js';
import type { LiveTicket, TrackState } from './state.js';

/** The streams were wiped: what nobody has answered yet may have been in them, and is published again. */
export function publishAgain(track: Track, state: TrackState, now: Date): TrackEvent[] {
  return Object.values(state.tickets).flatMap((live) => [
    ...openParts(live, now),
    ...openChecks(track, live, now),
    ...openChildren(live),
  ]);
}

function openParts({ ticket, promotion }: LiveTicket, now: Date): TrackEvent[] {
  const open = promotion?.parts.filter(isAwaited) ?? [];
  if (!hasRequested(ticket) || open.length === 0) return [];
  return [requestedOnceMore(ticket.id, open, now.toISOString())];
}

/** The checks of Stations that the Ticket has not entered: nobody has reported them, and there is still time. */
function openChecks(track: Track, { ticket, checks = {} }: LiveTicket, now: Date): TrackEvent[] {
  const ahead = track.stations.filter(({ name }) => !ticket.stations.some(({ station }) => station === name));
  return ahead.flatMap(({ name: station, gates }) =>
    gates.checks.flatMap(({ name, of }): TrackEvent[] => {
      const known = checks[`${station}/${name}`];
      if (!known || known.outcome !== undefined || Date.parse(known.until) <= now.getTime()) return [];
      const { until } = known;
      return [{ type: 'checkRequested', ticket: ticket.id, station, name, of, until, at: now.toISOString() }];
    }),
  );
}

/** Without those that a newer Ticket of their Track has replaced: the junction did not open that one. */
function openChildren({ ticket, children = {} }: LiveTicket): TrackEvent[] {
  const { id, image, attempt, state } = ticket;
  const open = Object.entries(children).flatMap(([track, child]) => {
    const isOpen = child.is === undefined && child.ticket === ticketId(track, image, attempt);
    return isOpen ? [{ track, ticket: child.ticket }] : [];
  });
  if (state.is !== 'waiting' || state.next === undefined || open.length === 0) return [];
  return [{ type: 'childrenReissued', ticket: id, station: state.next, children: open }];
}
