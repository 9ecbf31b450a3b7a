import assert from 'node:assert/strict';
import { admin, until } from '@k8sta/sandbox';
import type { Redis } from 'ioredis';
import { connect } from 'nats';
import { assertAsIfNothingHappened, assertOneCommitEach } from './as-if-nothing-happened.js';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

describe('while a server is away', () => {
  let railway: TestSystem;

  before(async () => {
    railway = await sharedSystem('proxied');
  });

  const readiness = async (name: keyof TestSystem['services']) => {
    const answer = await fetch(`${railway.services[name].statusUrl}/readyz`);
    return { ok: answer.ok, why: await answer.text() };
  };

  it('NATS: every service reports it and stays alive, ingest answers 503, and all services catch up', async () => {
    const ticket = await railway.pushUntilAccepted('6.0.1');
    await railway.tap.find('promotion.requested', ({ data }) => data.ticket === ticket);
    const { proxies } = railway;
    assert.ok(proxies);
    for (const proxy of Object.values(proxies.nats)) proxy.cut();
    for (const name of ['ingest', 'tracker', 'promoter', 'argo-watcher'] as const) {
      await until(async () => /^nats:/im.test((await readiness(name)).why), {
        what: `${name} to report that NATS is away`,
      });
    }
    assert.equal((await railway.push('6.0.2')).status, 503);
    for (const proxy of Object.values(proxies.nats)) proxy.mend();
    await railway.tap.completed(ticket);
    await assertAsIfNothingHappened(railway, ticket);
    for (const service of Object.values(railway.services)) assert.ok(service.isRunning, service.name);
  });

  it('Redis: the tracker reports it and stays alive, ingest accepts webhooks, and the tracker catches up', async () => {
    const { proxies } = railway;
    assert.ok(proxies);
    proxies.redis.cut();
    await until(async () => /^redis:/im.test((await readiness('tracker')).why), {
      what: 'the tracker to report that Redis is away',
    });
    const { status, tickets } = await railway.push('6.0.3');
    assert.equal(status, 202);
    proxies.redis.mend();
    await railway.tap.completed(tickets[0]);
    await assertAsIfNothingHappened(railway, tickets[0] ?? '');
    assert.ok(railway.services.tracker.isRunning);
  });
});

/** A store can lose its data during a ride. It is the last suite on its railway: it wipes the stream that the tap reads. */
describe('during a ride', () => {
  let railway: TestSystem;
  let redis: Redis;
  let patch = 0;

  before(async () => {
    railway = await sharedSystem('proxied');
    redis = railway.redis.client();
  });
  after(() => redis?.disconnect());

  const push = (): Promise<string> => {
    patch += 1;
    return railway.pushUntilAccepted(`5.0.${patch}`);
  };
  const arrivedAt = (ticket: string, station: string) =>
    railway.tap.find('ticket.arrived', ({ data }) => data.ticket === ticket && data.station === station);
  const trackKey = 'k8sta:track:storefront';

  it('Redis is wiped: the Track is restored and rides on', async () => {
    const ticket = await push();
    await arrivedAt(ticket, 'dev');
    await redis.flushall();
    await railway.tap.completed(ticket);
    await assertAsIfNothingHappened(railway, ticket);
  });

  it("the Track's key is evicted: the Track is restored and rides on", async () => {
    const ticket = await push();
    await arrivedAt(ticket, 'dev');
    assert.equal(await redis.del(trackKey), 1);
    await railway.tap.completed(ticket);
    await assertAsIfNothingHappened(railway, ticket);
  });

  it('Redis is rolled back by a failover: nothing of the past is decided again', async () => {
    const ticket = await push();
    const old = await redis.dumpBuffer(trackKey);
    await arrivedAt(ticket, 'stage');
    await redis.restore(trackKey, 0, old, 'REPLACE');
    await railway.tap.completed(ticket);
    await assertAsIfNothingHappened(railway, ticket);
  });

  it('the streams are wiped while a commit is asked for: it is asked for again', async () => {
    await railway.services.promoter.kill('SIGTERM');
    const ticket = await push();
    await railway.tap.find('promotion.requested', ({ data }) => data.ticket === ticket);
    const connection = await connect(railway.nats.as(admin));
    const manager = await connection.jetstreamManager();
    for (const stream of ['K8STA', 'K8STA_APPLICATIONS', 'KV_K8STA_STATE']) await manager.streams.delete(stream);
    await railway.services.promoter.restart();
    // The tap read the deleted stream, so read the state of the Ticket from the bucket.
    const jetstream = connection.jetstream();
    const state = async () => {
      const bucket = await jetstream.views.kv('K8STA_STATE');
      const entry = await bucket.get(`ticket.storefront.${ticket}`);
      return entry?.json<{ state: { is: string } }>().state.is === 'completed';
    };
    await until(state, { what: 'the Ticket to be completed', deadlineMs: 50_000, everyMs: 100 });
    await connection.close();
    await assertOneCommitEach(railway, ticket);
  });
});
