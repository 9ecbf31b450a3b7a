import type { Play } from './play.js';
import { insist } from './stage.js';

const soakMs = 4_000;

export const soak: Play = {
  name: 'soak',
  what: 'The Ticket soaks at stage for four seconds, and a faster one behind it waits for the whole soak.',
  line: { keys: { stage: `soak: ${soakMs / 1_000}s` } },
  async act({ push, event }) {
    const first = await push('1.4.2');
    const { data: arrived } = await event(
      'ticket.arrived',
      ({ data }) => data.ticket === first && data.station === 'stage',
    );
    const second = await push('1.4.3');
    await event(
      'ticket.waiting',
      ({ data }) => data.ticket === second && data.reason === 'BlockHeld' && data.next === 'stage',
    );
    const request = await event(
      'promotion.requested',
      ({ data }) => data.ticket === second && data.station === 'stage',
    );
    const heldMs = Date.parse(request.data.requestedAt) - Date.parse(arrived.arrivedAt);
    insist(heldMs >= soakMs, `the second Ticket entered stage ${heldMs} ms after the first had arrived`);
    await event('promotion.requested', ({ data }) => data.ticket === first && data.station === 'prod');
    await event('ticket.completed', ({ data }) => data.ticket === first);
    await event('ticket.completed', ({ data }) => data.ticket === second);
    return `Ticket ${second} waited ${(heldMs / 1_000).toFixed(1)} s until ${first} had soaked at stage; both completed`;
  },
};
