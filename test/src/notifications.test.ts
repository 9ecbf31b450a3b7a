import assert from 'node:assert/strict';
import { type Notified, startNotified, until } from '@k8sta/sandbox';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/** From a registry's webhook to a person's tool, over all services, with the NATS users of deploy/. */
describe('a notification', () => {
  let railway: TestSystem;
  let notified: Notified;

  before(async () => {
    railway = await sharedSystem('plain');
    notified = await startNotified(railway.nats);
  });
  after(async () => {
    await notified?.stop();
  });

  it('says why a Ticket failed, and nothing about one that arrives', async () => {
    await railway.tap.completed(await railway.pushUntilAccepted('1.4.2'));
    const scenario = { kind: 'syncFailsThenRetries', failures: 9, limit: 2, retryMs: 300 } as const;
    railway.argo.setScenario('storefront-stage-us', scenario);
    const ticket = await railway.pushUntilAccepted('1.4.3');
    const { data } = await railway.tap.find('ticket.failed', (event) => event.data.ticket === ticket);
    const got = notified.notifications;
    await until(() => got.length > 0, { what: 'the notification', deadlineMs: 30_000 });
    assert.equal(got.length, 1);
    assert.equal(got[0]?.subject, `storefront/stage: docker.io/acme/storefront:1.4.3 failed (${data.reason})`);
    assert.match(got[0]?.body ?? '', /argocd\/storefront-stage-us.*\nWhat to do: /);
    const commits = await railway.repository.log();
    const ours = commits.filter(
      ({ trailers }) => trailers['K8sTA-Ticket'] === ticket && trailers['K8sTA-Station'] === 'stage',
    );
    for (const { sha } of ours)
      assert.ok(
        got[0]?.links.some(({ url }) => url.endsWith(`/commit/${sha}`)),
        sha,
      );
    assert.ok(ours.length > 0);
    const metrics = await (await fetch(`${notified.notifier.statusUrl}/metrics`)).text();
    assert.match(metrics, /k8sta_notifier_deliveries_total\{receiver="pager",outcome="sent"\} 1/);
  });
});
