import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { EventType } from '@k8sta/contracts';
import { checked } from './gated-lines.js';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/** The whole system, where a smoke test outside reports by HTTP. */
describe('a check that is reported by HTTP', () => {
  let system: TestSystem;

  before(async () => {
    system = await sharedSystem('gated');
  });

  const post = async (report: object, key = system.checks.secret) => {
    const body = JSON.stringify(report);
    const headers = { 'X-Signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}` };
    const answer = await fetch(system.checks.url, { method: 'POST', headers, body });
    return { status: answer.status, json: (await answer.json()) as { reason?: string } };
  };
  const said = (ticket: string, type: EventType) =>
    system.tap.all().filter((event) => event.ticketId === ticket && event.type === type);
  const entersProd = (ticket: string) =>
    said(ticket, 'ticket.promoting').some(({ data }) => 'station' in data && data.station === 'prod');

  it('opens the Station for the Ticket if it is signed, and a wrong signature opens nothing', async () => {
    const ticket = await system.pushUntilAccepted('1.4.2', checked.image);
    const { data } = await system.tap.find('check.requested', (event) => event.data.ticket === ticket);
    const { track, station, name } = data;
    const passed = { track, ticket, station, name, outcome: 'passed', message: '42 tests' };
    assert.equal((await post(passed, 'a-secret-of-somebody-else')).status, 404);
    await system.tap.find(
      'ticket.waiting',
      (event) => event.data.ticket === ticket && event.data.reason === 'CheckPending',
    );
    assert.ok(!entersProd(ticket));
    assert.deepEqual(said(ticket, 'operator.word'), []);
    assert.equal((await post({ ...passed, station: 'stage' })).json.reason, 'CheckUnknown');
    assert.equal((await post(passed)).status, 202);
    await system.tap.completed(ticket);
    assert.ok(entersProd(ticket));
    const { data: word } = await system.tap.find('operator.word', (event) => event.ticketId === ticket);
    assert.deepEqual([word.by, word.message], ['generic.smoke:1', '42 tests']);
    assert.equal((await post({ ...passed, outcome: 'failed' })).json.reason, 'TicketOver');
  });

  it('fails the Ticket if it failed', async () => {
    const ticket = await system.pushUntilAccepted('1.4.3', checked.image);
    const { data } = await system.tap.find('check.requested', (event) => event.data.ticket === ticket);
    const { track, station, name } = data;
    const failed = { track, ticket, station, name, outcome: 'failed', message: '3 of 42 tests failed' };
    assert.equal((await post(failed)).status, 202);
    const end = await system.tap.find('ticket.failed', (event) => event.data.ticket === ticket);
    assert.equal(end.data.reason, 'CheckFailed');
    assert.match(
      end.data.message,
      /generic\.smoke:1 reported the check smoke of stage as failed: 3 of 42 tests failed/,
    );
  });
});
