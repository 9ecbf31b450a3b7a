import type { Play } from './play.js';
import { insist } from './stage.js';

export const check: Play = {
  name: 'check',
  what: 'A smoke test outside is asked about stage, and prod opens when it reports that it passed.',
  line: { keys: { prod: 'gates: {checks: [{name: smoke, of: stage, timeout: 1m}]}' } },
  async act({ push, event, events, word }) {
    const ticket = await push('1.4.2');
    const { data: request } = await event('check.requested', ({ data }) => data.ticket === ticket);
    insist(request.name === 'smoke' && request.of === 'stage', `another check was requested: ${request.name}`);
    await event('ticket.waiting', ({ data }) => data.ticket === ticket && data.reason === 'CheckPending');
    insist(!events('ticket.promoting').some(({ data }) => data.station === 'prod'), 'prod did not wait for the check');
    await word('check', { ticket, station: 'prod', name: 'smoke', outcome: 'passed', message: '42 tests' });
    await event('ticket.completed', ({ data }) => data.ticket === ticket);
    return `Ticket ${ticket} waited for the check "smoke" of stage, and completed when it had passed`;
  },
};
