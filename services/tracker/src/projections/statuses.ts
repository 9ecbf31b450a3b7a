import { type BusEvent, type DataOf, eventId, partId } from '@k8sta/contracts';
import type { Change } from '../ride/decide.js';
import type { Promotion } from '../ride/state.js';

type State = DataOf<'status.requested'>['state'];

/** What the commits of a promotion are to show now. */
interface Shown {
  readonly promotion: Promotion | undefined;
  readonly state: State;
  readonly description: string;
  readonly at: string;
}

const longest = 300;

/** The statuses that a change asks for: of each commit of its promotion, where the Station is to have them. */
export function statusesOf(change: Change, as: Pick<BusEvent, 'ticketId' | 'traceparent'>): BusEvent[] {
  const shown = shownBy(change);
  const parts = shown?.promotion?.parts ?? [];
  return parts.flatMap(({ request, answer }): BusEvent[] => {
    const { write = {}, promotion, part, ticket, track, station, repository } = request;
    const { statuses = write.pullRequest !== undefined, deployments = false } = write;
    const commit = answer.is === 'committed' ? answer.commit.commit : undefined;
    if (!shown || commit === undefined || !(statuses || deployments)) return [];
    const { state, description, at } = shown;
    const data = {
      ...{ promotion, part, ticket, track, station, repository, commit, state, statuses, deployments },
      ...(write.pullRequest?.provider && { provider: write.pullRequest.provider }),
      description: description.slice(0, longest),
      requestedAt: at,
    };
    const id = eventId('status.requested', partId(promotion, part), state);
    return [{ type: 'status.requested', id, ...as, data }];
  });
}

function shownBy({ event, before, after }: Change): Shown | undefined {
  switch (event.type) {
    case 'syncs': {
      const promotion = after.tickets[event.ticket]?.promotion;
      return { promotion, state: 'pending', description: `is on its way to ${promotion?.station}`, at: event.at };
    }
    case 'arrived': {
      const promotion = after.tickets[event.ticket]?.promotion;
      return { promotion, state: 'success', description: `arrived at ${event.station}`, at: event.at };
    }
    case 'rollsBack': {
      const { failure, at } = event;
      const { promotion } = before.tickets[event.ticket] ?? {};
      return { promotion, state: 'failure', description: `${failure.reason}: ${failure.message}`, at };
    }
    case 'failed':
      return ended(before, event, `${event.reason}: ${event.message}`);
    case 'superseded':
    case 'cancelled':
      return isOnItsWay(before, event.ticket) ? ended(before, event, `did not arrive: ${event.message}`) : undefined;
    default:
      return undefined;
  }
}

function ended(before: Change['before'], { ticket, at }: { ticket: string; at: string }, description: string): Shown {
  return { promotion: before.tickets[ticket]?.promotion, state: 'failure', description, at };
}

/** A Ticket that ends at a Station where it has arrived leaves the success there. */
function isOnItsWay(before: Change['before'], ticket: string): boolean {
  const state = before.tickets[ticket]?.ticket.state.is;
  return state === 'promoting' || state === 'syncing';
}
