import { type Bus, type Log, logOnce } from '@k8sta/bus';
import { isOver, type Ticket, type TicketState, ticketId } from '@k8sta/contracts';
import { withTimeout } from '@k8sta/runtime';
import { sanitizeLine } from '@k8sta/text';
import { type Opening, ofTicket } from './open-tickets.js';
import { RecentImages } from './recent.js';
import type { Opened } from './ticket-publisher.js';

/** Where the Ticket of a repeated push is, or how it ended. */
export interface Repeat {
  readonly state: TicketState['is'] | 'opened';
  readonly station?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly since?: string;
}

/** The repeat of a Ticket that the tracker has not opened yet. */
const justOpened: Repeat = { state: 'opened' };

/**
 * The repeat, if a push repeats this Ticket. A push later than the end of a Ticket that did not complete is a new attempt and
 * repeats nothing.
 */
export function repeatOf({ state }: Ticket, pushedAt: Date): Repeat | undefined {
  const isNewAttempt = isOver(state) && state.is !== 'completed' && pushedAt > new Date(state.since);
  return isNewAttempt ? undefined : repeatOfState(state);
}

function repeatOfState(state: TicketState): Repeat {
  const station = state.is === 'waiting' ? state.next : 'station' in state ? state.station : undefined;
  return {
    state: state.is,
    ...(typeof station === 'string' && { station }),
    ...('reason' in state && { reason: String(state.reason) }),
    ...('message' in state && { message: sanitizeLine(String(state.message), 200) }),
    since: state.since,
  };
}

/** An opening that is either a repeat or an event to publish. */
export type Judged = Opening & { readonly repeat?: Repeat };

/** With what storing them showed: a push may repeat a Ticket that another replica opened a moment before. */
export function withStored(judged: readonly Judged[], stored: ReadonlyMap<string, Opened>): Judged[] {
  return judged.map((each): Judged => {
    const opened = stored.get(each.event.id);
    if (!opened || each.repeat) return each;
    const named = { ...each.named, ticket: opened.ticket };
    return opened.isRepeat ? { ...each, named, repeat: justOpened } : { ...each, named };
  });
}

/** More attempts than a person makes. A later push repeats the last of them. */
const mostAttempts = 50;

async function judge(
  opening: Opening,
  lookUp: (named: Opening['named']) => Promise<Ticket | undefined>,
): Promise<Judged> {
  for (let attempt = 1; ; attempt++) {
    const tried = attempt === 1 ? opening : asAttempt(opening, attempt);
    // Side by side: each is a round trip, and nearly always there is neither.
    const [own, ofTag] = await Promise.all([lookUp(tried.named), lookUpByTag(tried, attempt, lookUp)]);
    const ticket = own ?? ofTag;
    if (!ticket) return tried;
    const repeat = attempt < mostAttempts ? repeatOf(ticket, opening.pushedAt) : repeatOfState(ticket.state);
    // It may be the Ticket of the tag, whose id differs.
    if (repeat) return { ...tried, named: { ...tried.named, ticket: ticket.id }, repeat };
  }
}

/**
 * The Ticket of the same tag that was opened without knowing its digest, or by a look at the registry, which opens it under the
 * id of the tag alone.
 */
async function lookUpByTag(
  { event, named }: Opening,
  attempt: number,
  lookUp: (named: Opening['named']) => Promise<Ticket | undefined>,
): Promise<Ticket | undefined> {
  const { digest, ...image } = event.data.image;
  if (digest === undefined) return undefined;
  const ticket = await lookUp({ ...named, ticket: ticketId(named.track, image, attempt) });
  const isSame = ticket?.image.digest === undefined || ticket.image.digest === digest;
  return isSame ? ticket : undefined;
}

function asAttempt(opening: Opening, attempt: number): Opening {
  const { track, image } = opening.event.data;
  return ofTicket(opening, ticketId(track, image, attempt), { attempt });
}

/** Finds the openings that repeat a Ticket of the tracker. If that cannot be found out in time, the Ticket is opened. */
export function judgeOpenings(bus: Pick<Bus, 'ticket'>, log: Log, now: () => Date = () => new Date()) {
  const once = logOnce(log);
  const recent = new RecentImages();
  const lookUp = ({ track, ticket }: Opening['named']): Promise<Ticket | undefined> => bus.ticket(track, ticket);
  return async (announced: readonly Opening[], withinMs: number): Promise<Judged[]> => {
    const openings = announced.map((opening) => recent.join(opening, now()));
    return Promise.all(
      openings.map(async (opening): Promise<Judged> => {
        try {
          const judged = await withTimeout(withinMs, judge(opening, lookUp));
          once.recovered({}, 'telling repeats from new pushes again');
          return judged;
        } catch (error) {
          const message = sanitizeLine((error as Error).message);
          once.failed(message, { message }, 'cannot tell a repeat from a new push');
          return opening;
        }
      }),
    );
  };
}
