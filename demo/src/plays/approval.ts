import type { Play } from './play.js';
import { insist } from './stage.js';

export const approval: Play = {
  name: 'approval',
  what: 'The Ticket waits before prod until a person approves it.',
  line: { keys: { prod: 'gates: {approval: {count: 1, by: [operator]}}' } },
  async act({ push, event, events, word }) {
    const ticket = await push('1.4.2');
    await event('ticket.waiting', ({ data }) => data.ticket === ticket && data.reason === 'ApprovalMissing');
    const entered = () => events('ticket.promoting').some(({ data }) => data.station === 'prod');
    insist(!entered(), 'the Ticket entered prod without approval');
    await word('approve', { ticket, message: 'looks good on stage' });
    await event('ticket.completed', ({ data }) => data.ticket === ticket);
    insist(entered(), 'the Ticket was completed without entering prod');
    return `Ticket ${ticket} waited for an approval, got it, and completed`;
  },
};
