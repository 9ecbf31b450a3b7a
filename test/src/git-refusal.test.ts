import assert from 'node:assert/strict';
import { ticketSchema } from '@k8sta/contracts';
import { until } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import { assertAsIfNothingHappened } from './as-if-nothing-happened.js';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/** What a person reads on a Ticket whose Git server says no, without looking into any log. */
describe('while the Git server refuses', () => {
  let railway: TestSystem;
  let connection: NatsConnection;

  before(async () => {
    railway = await sharedSystem('plain');
    connection = await connect(railway.nats.as('tap'));
  });
  after(async () => {
    await connection?.close();
  });

  it('the Ticket says which repository, why and until when it is tried; and rides on once it may', async () => {
    railway.git.intercept(() => ({ status: 403 }));
    const ticket = await railway.pushUntilAccepted('10.0.0');
    const bucket = await connection.jetstream().views.kv('K8STA_STATE', { bindOnly: true });
    let message = '';
    const isSaid = async () => {
      const stored = await bucket.get(`ticket.storefront.${ticket}`);
      const { state } = stored ? ticketSchema.parse(stored.json()) : {};
      message = state?.is === 'promoting' ? state.message : '';
      return message.startsWith('cannot be committed yet');
    };
    await until(isSaid, { what: 'the Ticket saying why it waits', deadlineMs: 30_000, everyMs: 50 });
    assert.match(message, /: 127\.0\.0\.1:\d+\/deploy: the Git server answered 403: .*K8STA_GIT_CREDENTIALS; retried/);
    railway.git.intercept(undefined);
    await railway.tap.completed(ticket);
    await assertAsIfNothingHappened(railway, ticket);
  });
});
