import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storefront, type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { startTestSystem, type TestSystem } from './test-system.js';

const secret = 'a-secret-of-the-smoke-tests';

/** The whole system, where a smoke test outside reports by HTTP. */
describe('a check that is reported by HTTP', () => {
  let system: TestSystem;
  let directory: TemporaryDirectory;

  before(async () => {
    directory = await temporaryDirectory('check-secrets');
    await writeFile(join(directory.path, 'generic.smoke'), JSON.stringify({ secret, checks: ['smoke'] }));
    system = await startTestSystem({
      line: { ...storefront, keys: { prod: 'gates: {checks: [{name: smoke, of: stage, timeout: 2m}]}' } },
      environment: { ingest: { K8STA_CHECK_SECRETS: directory.path } },
    });
  });
  after(async () => {
    await system?.stop();
    await directory?.remove();
  });

  const post = async (report: object, key: string) => {
    const body = JSON.stringify(report);
    const headers = { 'X-Signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}` };
    const answer = await fetch(new URL('/checks/generic', system.webhookUrl), { method: 'POST', headers, body });
    return { status: answer.status, json: (await answer.json()) as { reason?: string } };
  };
  const entersProd = () =>
    system.tap.all().some(({ type, data }) => {
      return type === 'ticket.promoting' && 'station' in data && data.station === 'prod';
    });

  it('opens the Station for the Ticket if it is signed, and a wrong signature opens nothing', async () => {
    const ticket = await system.pushUntilAccepted('1.4.2');
    const { data } = await system.tap.find('check.requested', (event) => event.data.ticket === ticket);
    const { track, station, name } = data;
    const passed = { track, ticket, station, name, outcome: 'passed', message: '42 tests' };
    assert.equal((await post(passed, 'a-secret-of-somebody-else')).status, 404);
    await system.tap.find(
      'ticket.waiting',
      (event) => event.data.ticket === ticket && event.data.reason === 'CheckPending',
    );
    assert.ok(!entersProd());
    assert.ok(!system.tap.all().some(({ type }) => type === 'operator.word'));
    assert.equal((await post({ ...passed, station: 'stage' }, secret)).json.reason, 'CheckUnknown');
    assert.equal((await post(passed, secret)).status, 202);
    await system.tap.completed(ticket);
    assert.ok(entersProd());
    const word = await system.tap.find('operator.word');
    assert.deepEqual([word.ticketId, word.data.by, word.data.message], [ticket, 'generic.smoke:1', '42 tests']);
    assert.equal((await post({ ...passed, outcome: 'failed' }, secret)).json.reason, 'TicketOver');
  });

  it('fails the Ticket if it failed', async () => {
    const ticket = await system.pushUntilAccepted('1.4.3');
    const { data } = await system.tap.find('check.requested', (event) => event.data.ticket === ticket);
    const { track, station, name } = data;
    const failed = { track, ticket, station, name, outcome: 'failed', message: '3 of 42 tests failed' };
    assert.equal((await post(failed, secret)).status, 202);
    const end = await system.tap.find('ticket.failed', (event) => event.data.ticket === ticket);
    assert.equal(end.data.reason, 'CheckFailed');
    assert.match(
      end.data.message,
      /generic\.smoke:1 reported the check smoke of stage as failed: 3 of 42 tests failed/,
    );
  });
});
