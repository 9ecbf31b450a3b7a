import { isDeepStrictEqual } from 'node:util';
import type { Ticket, TicketState } from '@k8sta/contracts';
import type { EventOf, RideEvent } from './event.js';
import { heldBy } from './lane.js';
import { requestedMessage } from './plan-promotion.js';
import { proposalsOf } from './proposals.js';
import type { LiveTicket, Promotion } from './state.js';

/** Applies an event to the public part of the Ticket. */
export function evolveTicket({ ticket, promotion }: LiveTicket, event: RideEvent): Ticket {
  const now = ticket.state;
  const become = (state: TicketState): Ticket => ({ ...ticket, state });
  switch (event.type) {
    case 'waits': {
      const { on, reason, message, until, at } = event;
      const why = { reason, message, ...(until !== undefined && { until }) };
      if (now.is === 'waiting') {
        const { until: _before, ...rest } = now;
        const since = now.reason === reason ? now.since : at;
        return become({ ...rest, on: on ?? now.on, ...why, since });
      }
      const isOnItsWay = now.is === 'promoting' || now.is === 'syncing' || now.is === 'rollingBack';
      return isOnItsWay ? become({ ...now, reason, message }) : ticket;
    }
    case 'requestedAgain': {
      const [first, ...others] = event.requests;
      if (now.is !== 'promoting' || !first) return ticket;
      const message = requestedMessage(1 + others.length);
      return become({ ...now, notAfter: first.notAfter, reason: 'CommitRequested', message, since: event.at });
    }
    case 'syncs': {
      if (!promotion) return ticket;
      const commits = promotion.parts.flatMap(({ answer }) => (answer.is === 'committed' ? answer.commit : []));
      const { id, station } = promotion;
      const { deadline, at } = event;
      const message = 'committed; waiting for Argo CD';
      const waits = { deadline, reason: 'Committed', message, since: at } as const;
      const state: TicketState =
        now.is === 'rollingBack' ? { ...now, ...waits } : { is: 'syncing', station, promotion: id, ...waits };
      return { ...ticket, state, stations: lastStation(ticket, { commits, committedAt: at }) };
    }
    case 'deadlineResumed':
      return now.is === 'syncing' || now.is === 'rollingBack' ? become({ ...now, deadline: event.deadline }) : ticket;
    case 'arrived':
      return { ...ticket, state: arrived(event), stations: lastStation(ticket, { arrivedAt: event.at }) };
    case 'rolledBack':
      return { ...ticket, stations: lastStation(ticket, { arrivedAt: event.at }) };
    case 'branches': {
      const { station, children: tracks, at } = event;
      const attempt = attemptsAt(ticket, station) + 1;
      const record = { station, attempt, parts: tracks.length, requestedAt: at, commits: [], tracks };
      return { ...ticket, stations: [...ticket.stations, record] };
    }
    case 'soaked': {
      if (now.is !== 'waiting' || now.next === undefined) return become({ is: 'completed', since: event.at });
      const { until: _until, ...rest } = now;
      return become({ ...rest, on: 'block', reason: 'Arrived', message: `soaked at ${now.at}`, since: event.at });
    }
    case 'rerouted':
      return now.is === 'waiting' ? become({ ...now, next: event.next }) : ticket;
    case 'returned': {
      const at = ticket.stations.findLast(({ arrivedAt }) => arrivedAt !== undefined)?.station;
      const next = promotion?.station;
      const { message, at: since } = event;
      return become({
        is: 'waiting',
        ...(at && { at }),
        ...(next && { next }),
        on: 'pause',
        reason: 'Paused',
        message,
        since,
      });
    }
    case 'completed':
      return become({ is: 'completed', since: event.at });
    case 'failed': {
      const station = heldBy(ticket) ?? (now.is === 'waiting' ? now.at : undefined);
      return become({
        is: 'failed',
        ...(station !== undefined && { station }),
        reason: event.reason,
        message: event.message,
        since: event.at,
      });
    }
    case 'superseded': {
      const { by, reason, message, at } = event;
      return become({ is: 'superseded', ...(by !== undefined && { by }), reason, message, since: at });
    }
    case 'cancelled': {
      const { station, by, message, at } = event;
      return become({ is: 'cancelled', ...(station && { station }), by, message, since: at });
    }
    default:
      return ticket;
  }
}

/** The pull requests that are open are shown on the Ticket. */
export function withProposals(ticket: Ticket, promotion: Promotion | undefined): Ticket {
  const { state } = ticket;
  if (state.is !== 'promoting' && state.is !== 'rollingBack') return ticket;
  const proposals = promotion ? proposalsOf(promotion) : [];
  if (isDeepStrictEqual(proposals, state.proposals ?? [])) return ticket;
  const { proposals: _before, ...rest } = state;
  return { ...ticket, state: { ...rest, ...(proposals.length > 0 && { proposals }) } as TicketState };
}

/** Without a soak, the Ticket at its last Station is completed by the event that follows. */
function arrived({ station, next, soakUntil, at }: EventOf<'arrived'>): TicketState {
  const here = { is: 'waiting', at: station, ...(next !== undefined && { next }), since: at } as const;
  if (soakUntil !== undefined) {
    const message = `soaks at ${station} until ${soakUntil}`;
    return { ...here, on: 'soak', reason: 'Soaking', message, until: soakUntil };
  }
  if (next === undefined) return { is: 'completed', since: at };
  return { ...here, on: 'block', reason: 'Arrived', message: `arrived at ${station}` };
}

/** How often the Ticket has entered the Station. */
export function attemptsAt({ stations }: Ticket, station: string): number {
  return stations.filter((record) => record.station === station).length;
}

function lastStation(ticket: Ticket, change: Partial<Ticket['stations'][number]>): Ticket['stations'] {
  return ticket.stations.map((record, at) => (at === ticket.stations.length - 1 ? { ...record, ...change } : record));
}
