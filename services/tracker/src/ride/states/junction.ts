import { ticketId } from '@k8sta/contracts';
import type { Station } from '@k8sta/tracks';
import { askedAgainAt, isDue } from '../elsewhere.js';
import { nextOf } from '../next.js';
import { fails, type Situation, type Step } from '../step.js';

type Waiting = Situation<'waiting'>;

/** Opens a Ticket on each Track of the junction. Their ids are derived, so that a repeat opens the same ones. */
export function branch({ live, moment }: Waiting, { name, tracks }: Station): Step {
  const { id, image, attempt } = live.ticket;
  const children = tracks.map((track) => ({ track, ticket: ticketId(track, image, attempt) }));
  return { events: [{ type: 'branches', ticket: id, station: name, children, at: moment.now.toISOString() }] };
}

/** The Ticket has arrived at the junction when all Tickets that it opened are completed. */
export function awaitChildren(situation: Waiting): Step {
  const { track, live, at, moment } = situation;
  const ticket = live.ticket.id;
  const now = moment.now.toISOString();
  const children = Object.entries(live.children ?? {});
  const lost = children.find(([, { is }]) => is === 'failed' || is === 'cancelled');
  if (lost) {
    const [name, { ticket: id, is, message = '' }] = lost;
    return fails(
      situation,
      'ChildFailed',
      `Ticket ${id} on ${name} ${is === 'failed' ? 'failed' : 'was cancelled'}: ${message}`,
    );
  }
  const open = children.filter(([, { is }]) => is === undefined);
  const station = at.next ?? '';
  if (open.length === 0) {
    const next = nextOf(track, live, station);
    const arrived = { type: 'arrived', ticket, station, next, at: now } as const;
    return { events: next === undefined ? [arrived, { type: 'completed', ticket, at: now }] : [arrived] };
  }
  const asksElsewhere = open
    .filter(([, child]) => isDue(child, moment.now))
    .map(([name, child]) => ({ is: 'child', track: name, ticket: child.ticket }) as const);
  const message = `waits for ${open.map(([name, child]) => `Ticket ${child.ticket} on ${name}`).join(', ')}`;
  const wake = ['elsewhere', askedAgainAt(moment.now)] as const;
  return { waits: { on: 'tracks', reason: 'TracksRiding', message, wake, asksElsewhere } };
}
