import { formatImage } from '@k8sta/contracts';
import { isJunction } from '@k8sta/tracks';
import { isExpress } from '../express.js';
import { holderOf } from '../lane.js';
import { withdraw } from '../proposals.js';
import type { LiveTicket } from '../state.js';
import type { Step } from '../step.js';
import type { Entry, Gate } from './gate.js';

/** One Ticket at a time is on its way into a Station; an operator's word lets another displace it. */
export const block: Gate = {
  name: 'block',
  check(entry) {
    const { track, state, live, station } = entry;
    const holder = isJunction(station) ? undefined : holderOf(state, station.name);
    if (!holder) return undefined;
    const displaced = isExpress(live, track, station.name) ? displace(entry, holder) : undefined;
    if (displaced) return displaced;
    const { id, image } = holder.ticket;
    const message = `Ticket ${id} (${formatImage(image)}) holds ${station.name}`;
    return { waits: { on: 'block', reason: 'BlockHeld', message, wake: ['blockFreed'] } };
  },
};

/** The holder gives the block back at once, or when the promoter has answered. A rollback is not interrupted. */
function displace({ live, moment }: Entry, holder: LiveTicket): Step | undefined {
  const { ticket, ending } = holder;
  const { id, image } = live.ticket;
  const { by, message: why } = live.express ?? { by: '', message: '' };
  const message = `${by} let Ticket ${id} (${formatImage(image)}) pass${why ? `: ${why}` : ''}`;
  const reason = 'Displaced' as const;
  const at = moment.now.toISOString();
  if (ticket.state.is === 'rollingBack') return undefined;
  if (ticket.state.is !== 'promoting') {
    return { events: [{ type: 'superseded', ticket: ticket.id, by: id, reason, message, at }] };
  }
  if (ending?.is === 'superseded') return undefined;
  return { events: withdraw(holder, { is: 'superseded', by: id, reason, message }, at) };
}
