import { formatImage } from '@k8sta/contracts';
import { holderOf } from '../lane.js';
import type { Gate } from './gate.js';

/** One Ticket at a time is on its way into a Station. */
export const block: Gate = {
  name: 'block',
  check({ state, station }) {
    const holder = holderOf(state, station.name);
    if (!holder) return undefined;
    const { id, image } = holder.ticket;
    const message = `Ticket ${id} (${formatImage(image)}) holds ${station.name}`;
    return { waits: { on: 'block', reason: 'BlockHeld', message, wake: ['blockFreed'] } };
  },
};
