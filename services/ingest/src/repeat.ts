import type { Bus, Log } from '@k8sta/bus';
import { eventId, isOver, oneLine, type Ticket, type TicketState, ticketId } from '@k8sta/contracts';
import { withTimeout } from '@k8sta/runtime';
import type { Opening } from './handle.js';

/** Where the Ticket of a repeated push is, or how it ended. */
export interface Repeat {
  readonly state: TicketState['is'] | 'opened';
  readonly station?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly since?: string;
}

/** A repeat of a Ticket that the tracker has not taken yet. */
export const justOpened: Repeat = { state: 'opened' };

/**
 * What is known of the Ticket that this push would open: a repeat of it, or the Ticket itself where the push is another
 * attempt. That is a push later than the end of a Ticket that did not arrive.
 */
export function repeatOf({ state }: Ticket, pushedAt: Date): Repeat | undefined {
  const isNewAttempt = isOver(state) && state.is !== 'completed' && pushedAt > new Date(state.since);
  return isNewAttempt ? undefined : spellState(state);
}

function spellState(state: TicketState): Repeat {
  const station = state.is === 'waiting' ? state.next : 'station' in state ? state.station : undefined;
  return {
    state: state.is,
    ...(typeof station === 'string' && { station }),
    ...('reason' in state && { reason: String(state.reason) }),
    ...('message' in state && { message: oneLine(String(state.message), 200) }),
    since: state.since,
  };
}

/** An opening, as a repeat where it is one, else with the event to publish. */
export type Judged = Opening & { readonly repeat?: Repeat };

/** More attempts than a person makes; a push after the last of them repeats it. */
const mostAttempts = 50;

async function judge(opening: Opening, lookUp: (opening: Opening) => Promise<Ticket | undefined>): Promise<Judged> {
  for (let attempt = 1; ; attempt++) {
    const tried = attempt === 1 ? opening : asAttempt(opening, attempt);
    const ticket = await lookUp(tried);
    if (!ticket) return tried;
    const repeat = attempt < mostAttempts ? repeatOf(ticket, opening.pushedAt) : spellState(ticket.state);
    if (repeat) return { ...tried, repeat };
  }
}

function asAttempt({ event, pushedAt, named }: Opening, attempt: number): Opening {
  const { track, image } = event.data;
  const ticket = ticketId(track, image, attempt);
  const data = { ...event.data, ticket, attempt };
  return {
    event: { ...event, id: eventId('ticket.opened', ticket), ticketId: ticket, data },
    pushedAt,
    named: { ...named, ticket },
  };
}

/** Finds out which openings repeat a Ticket that the tracker knows. What cannot be found out in time is opened. */
export function judgeOpenings(bus: Pick<Bus, 'ticket'>, log: Log) {
  const logged = new Set<string>();
  const lookUp = ({ named }: Opening): Promise<Ticket | undefined> => bus.ticket(named.track, named.ticket);
  return async (openings: readonly Opening[], withinMs: number): Promise<Judged[]> =>
    Promise.all(
      openings.map(async (opening): Promise<Judged> => {
        try {
          return await withTimeout(withinMs, judge(opening, lookUp));
        } catch (error) {
          const reason = oneLine((error as Error).message);
          if (!logged.has(reason) && logged.size < 100) log.warn({ reason }, 'cannot tell a repeat from a new push');
          logged.add(reason);
          return opening;
        }
      }),
    );
}
