import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { admin, until } from '@k8sta/sandbox';
import { connect } from 'nats';
import { assertNoDeadLetters, assertOneCommitEach } from './as-if-nothing-happened.js';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';
import { assertAllRodeOn, threeRiders } from './three-lines.js';

/** Three Tickets ride, each beyond another Station, with two or more of each service that decides or commits. */
describe('while three Tickets ride', () => {
  let railway: TestSystem;

  before(async () => {
    railway = await sharedSystem('threeLines');
    await railway.replica('tracker');
    await railway.replica('promoter', { K8STA_MIRRORS: `${railway.directory}/mirrors-3` });
  });

  it('redis-server is killed and loses its files: each Track is restored, and each Ticket rides on', async () => {
    const riders = await threeRiders(railway, '8.1.0');
    const redis = railway.redis.client();
    const { dir = '' } = Object.fromEntries([(await redis.config('GET', 'dir')) as [string, string]]);
    redis.disconnect();
    await railway.redis.kill();
    await rm(join(dir, 'appendonlydir'), { recursive: true });
    await railway.redis.restart();
    await assertAllRodeOn(railway, riders);
  });

  it('Redis is emptied: each Track is restored, and each Ticket rides on', async () => {
    const riders = await threeRiders(railway, '8.2.0');
    const redis = railway.redis.client();
    await redis.flushall();
    redis.disconnect();
    await assertAllRodeOn(railway, riders);
  });

  /** The last test: it deletes the stream that the tap reads. */
  it('all streams and buckets are deleted: what nobody has answered is requested again', async () => {
    const riders = await threeRiders(railway, '8.3.0');
    // What no tracker has taken cannot be restored.
    for (const { ticket } of riders) await railway.tap.find('ticket.promoting', ({ data }) => data.ticket === ticket);
    const connection = await connect(railway.nats.as(admin));
    const manager = await connection.jetstreamManager();
    for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
    const redis = railway.redis.client();
    for (const { line, ticket } of riders) {
      // Not by its events and its copy: a Ticket may have ended before the deletion.
      await until(async () => (await redis.zscore(`k8sta:ended:${line.track}`, ticket)) !== null, {
        what: `${ticket} of ${line.track} to end`,
        deadlineMs: 50_000,
        everyMs: 100,
      });
      await assertOneCommitEach(railway, ticket, line);
    }
    const { state } = await manager.streams.info('K8STA', { subjects_filter: 'k8sta.ticket.*.failed' });
    assert.deepEqual(state.subjects ?? {}, {});
    redis.disconnect();
    await connection.close();
    await assertNoDeadLetters(railway);
  });
});
