import assert from 'node:assert/strict';
import { unwrap } from '@k8sta/bus';
import { admin } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import { assertAsIfNothingHappened } from './as-if-nothing-happened.js';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

describe('a message that can never be handled', () => {
  let railway: TestSystem;
  let connection: NatsConnection;

  before(async () => {
    railway = await sharedSystem('plain');
    connection = await connect(railway.nats.as(admin));
  });
  after(async () => {
    await connection?.close();
  });

  for (const [subject, service] of [
    ['k8sta.ticket.storefront.opened', 'tracker'],
    ['k8sta.application.default.argocd.storefront-dev.observed', 'tracker'],
    ['k8sta.promotion.storefront.dev.requested', 'promoter'],
    ['k8sta.application.default.argocd.storefront-dev.refresh', 'argo-watcher'],
  ] as const) {
    it(`on ${subject} becomes a dead letter of ${service}, with the cause and the original`, async () => {
      const payload = `{"no": "event of ${service}"}`;
      const letters = connection.subscribe(`k8sta.dead.${service}.unreadable`);
      await connection.jetstream().publish(subject, payload);
      for await (const letter of letters) {
        const read = unwrap('dead.letter', letter.string());
        assert.ok('event' in read);
        const { original, cause } = read.event.data;
        if (original.subject !== subject) continue;
        assert.equal(original.payload, payload);
        assert.match(cause, /is not a CloudEvent/);
        break;
      }
    });
  }

  it('stops nothing behind it', async () => {
    const ticket = await railway.pushUntilAccepted('9.0.0');
    await railway.tap.completed(ticket);
    await assertAsIfNothingHappened(railway, ticket);
  });
});
