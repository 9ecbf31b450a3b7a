import assert from 'node:assert/strict';
import type { Commit } from '@k8sta/sandbox';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/**
 * One ride over the four services as processes, a real nats-server, redis-server and Git server. It ends the services, so
 * that no suite on its railway can follow.
 */
describe('a ride', () => {
  let railway: TestSystem;
  let commits: Commit[];

  before(async () => {
    railway = await sharedSystem('plain');
  });

  it('takes an image from dev over stage to prod, one commit a Station, each after the one before has arrived', async () => {
    const { status, tickets } = await railway.push('1.4.3');
    assert.equal(status, 202);
    const [ticket] = tickets;
    await railway.tap.completed(ticket);

    commits = (await railway.repository.log()).filter(({ trailers }) => trailers['K8sTA-Ticket'] === ticket);
    assert.deepEqual(
      commits.map(({ trailers, files }) => [trailers['K8sTA-Station'], files]),
      [
        ['dev', ['apps/storefront-dev/kustomization.yaml']],
        ['stage', ['apps/storefront-stage-eu/kustomization.yaml', 'apps/storefront-stage-us/kustomization.yaml']],
        ['prod', ['apps/storefront-prod/kustomization.yaml']],
      ],
    );
    for (const { trailers } of commits) {
      assert.equal(trailers['K8sTA-Track'], 'storefront');
      assert.equal(trailers['K8sTA-Promotion'], `${ticket}/${trailers['K8sTA-Station']}/1/0`);
    }
    const order = railway.tap
      .all()
      .filter(({ ticketId }) => ticketId === ticket)
      .filter(({ type }) => ['ticket.arrived', 'promotion.requested', 'promotion.committed'].includes(type))
      .map(({ type, data }) => `${type} ${String((data as { station?: string }).station)}`);
    assert.deepEqual(
      order,
      ['dev', 'stage', 'prod'].flatMap((station) => [
        `promotion.requested ${station}`,
        `promotion.committed ${station}`,
        `ticket.arrived ${station}`,
      ]),
    );
  });

  it('leaves every other byte of the files as it was, and Argo CD runs the image', async () => {
    for (const application of ['storefront-dev', 'storefront-stage-eu', 'storefront-stage-us', 'storefront-prod']) {
      const path = `apps/${application}/kustomization.yaml`;
      const [first] = await railway.repository.log();
      const before = await railway.repository.read(path, first?.sha);
      assert.equal(await railway.repository.read(path), before?.replace('1.4.1', '1.4.3'));
      const live = railway.argo.application(application);
      assert.equal(live?.status?.sync?.status, 'Synced');
      assert.deepEqual(live?.status?.summary?.images, ['acme/storefront:1.4.3']);
    }
  });

  it('makes nothing more of the same webhook, posted ten times', async () => {
    const before = await railway.repository.tip();
    const [ticket] = (await railway.push('1.4.3')).tickets;
    for (let time = 0; time < 10; time++) {
      assert.deepEqual(await railway.push('1.4.3'), { status: 200, tickets: [ticket] });
    }
    const fresh = await railway.push('1.4.4');
    await railway.tap.completed(fresh.tickets[0]);
    const since = (await railway.repository.log()).findIndex(({ sha }) => sha === before);
    const later = (await railway.repository.log()).slice(since + 1);
    assert.deepEqual(
      later.map(({ trailers }) => [trailers['K8sTA-Ticket'], trailers['K8sTA-Station']]),
      ['dev', 'stage', 'prod'].map((station) => [fresh.tickets[0], station]),
    );
  });

  it('ends with every service stopping cleanly', async () => {
    for (const service of Object.values(railway.services)) {
      await service.kill('SIGTERM');
      assert.match(await service.ended, /exit code 0/, service.name);
    }
  });
});
