import type { Play } from './play.js';
import { insist } from './stage.js';

/** Time enough for the ride to come to prod, in milliseconds. */
const rideMs = 75_000;

/** Opens with the minute after that time, every day. */
function soon(): string {
  const at = new Date(Date.now() + rideMs + 60_000);
  return `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
}

export const window: Play = {
  name: 'window',
  what: 'prod has a window that opens in one or two minutes; the Ticket says when, and waits.',
  line: { keys: { prod: `gates: {windows: [{kind: allow, schedule: "${soon()}", duration: 1h}]}` } },
  async act({ push, event }) {
    const ticket = await push('1.4.2');
    const { data } = await event(
      'ticket.waiting',
      (each) => each.data.ticket === ticket && each.data.reason === 'WindowClosed',
    );
    const opens = Date.parse(data.until ?? '');
    const request = await event(
      'promotion.requested',
      (each) => each.data.ticket === ticket && each.data.station === 'prod',
    );
    insist(Date.parse(request.data.requestedAt) >= opens, 'the Ticket entered prod before the window was open');
    await event('ticket.completed', (each) => each.data.ticket === ticket);
    return `Ticket ${ticket} waited until ${data.until}, when the window opened, and completed`;
  },
};
