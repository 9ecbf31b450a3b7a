import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Service, startService, type TemporaryDirectory, temporaryDirectory, until } from '@k8sta/sandbox';
import { startTestSystem, type TestSystem } from './test-system.js';

const entry = import.meta.resolve('@k8sta/notifier');

/** From a registry's webhook to a person's tool, over all services, with the NATS users of deploy/. */
describe('a notification', () => {
  let railway: TestSystem;
  let receiver: Server;
  let directory: TemporaryDirectory;
  let notifier: Service;
  const got: { subject: string; body: string; links: { title: string; url: string }[] }[] = [];

  before(async () => {
    railway = await startTestSystem();
    receiver = createServer(async (request, response) => {
      got.push(JSON.parse(await text(request)).data);
      response.writeHead(204).end();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    directory = await temporaryDirectory('notifications');
    const rules = join(directory.path, 'rules.yaml');
    await writeFile(
      rules,
      `receivers: [{name: pager, webhook: {url: "${url}", secretFile: key}}]\nrules: [{name: a, to: [pager]}]\n`,
    );
    await writeFile(join(directory.path, 'key'), 'a-key-of-sixteen-characters');
    const { servers, user, passwordFile } = railway.nats.as('notifier');
    notifier = await startService({
      name: 'notifier',
      entry,
      environment: {
        ...{ K8STA_NATS_URL: servers, K8STA_NATS_USER: user, K8STA_NATS_PASSWORD_FILE: passwordFile },
        ...{ K8STA_NOTIFY_RULES: rules, K8STA_NOTIFY_SECRETS: directory.path },
      },
    });
    await notifier.ready();
  });
  after(async () => {
    await notifier?.stop();
    await railway?.stop();
    receiver?.close();
    await directory?.remove();
  });

  it('says why a Ticket failed, and nothing about one that arrives', async () => {
    await railway.tap.completed(await railway.pushUntilAccepted('1.4.2'));
    const scenario = { kind: 'syncFailsThenRetries', failures: 9, limit: 2, retryMs: 300 } as const;
    railway.argo.setScenario('storefront-stage-us', scenario);
    const ticket = await railway.pushUntilAccepted('1.4.3');
    const { data } = await railway.tap.find('ticket.failed', (event) => event.data.ticket === ticket);
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
    const metrics = await (await fetch(`${notifier.statusUrl}/metrics`)).text();
    assert.match(metrics, /k8sta_notifier_deliveries_total\{receiver="pager",outcome="sent"\} 1/);
  });
});
