import type { Play } from './play.js';
import { insist } from './stage.js';

export const express: Play = {
  name: 'express',
  what: 'A Ticket soaks in prod, which needs approvals; an operator lets a fix pass both.',
  line: { keys: { prod: 'soak: 1h, gates: {approval: {count: 1}}' } },
  async act({ push, event, events, word }) {
    const slow = await push('1.4.2');
    await event('ticket.waiting', ({ data }) => data.ticket === slow && data.reason === 'ApprovalMissing');
    await word('approve', { ticket: slow });
    await event('ticket.arrived', ({ data }) => data.ticket === slow && data.station === 'prod');
    const fix = await push('1.4.3');
    await event('ticket.waiting', ({ data }) => data.ticket === fix && data.reason === 'ApprovalMissing');
    await word('express', { ticket: fix, message: 'CVE-2026-1234 in production' });
    const { data } = await event('ticket.superseded', (each) => each.data.ticket === slow);
    insist(data.reason === 'Displaced' && data.by === fix, `the Ticket in prod ended ${data.reason}: ${data.message}`);
    insist(/operator.*CVE-2026-1234/.test(data.message), `the message does not say who and why: ${data.message}`);
    await event('ticket.arrived', (each) => each.data.ticket === fix && each.data.station === 'prod');
    const approved = events('operator.word').filter((each) => each.data.verb === 'approve' && each.data.ticket === fix);
    insist(approved.length === 0, 'somebody approved the fix');
    return `Ticket ${fix} passed the approval and the soak of ${slow}: ${data.message}`;
  },
};
