import assert from 'node:assert/strict';
import type { BusEvent } from '@k8sta/contracts';
import { opened, stageForEach } from './bus.fixture.js';

describe('publishing an event', () => {
  const stage = stageForEach();

  it('stores an event once if it is published twice', async () => {
    const first = await stage.bus.publish(opened('a'));
    const second = await stage.bus.publish(opened('a'));
    assert.deepEqual([first.duplicate, second.duplicate], [false, true]);
    assert.equal(second.sequence, first.sequence);
  });

  it('says why JetStream stores neither an event nor a state, if it is full', async () => {
    const manager = await stage.raw.jetstreamManager();
    const { config } = await manager.streams.info('K8STA');
    await stage.bus.state.replace('track.storefront', '{}', 0);
    const { config: state } = await manager.streams.info('KV_K8STA_STATE');
    for (const full of [config, state]) await manager.streams.update(full.name, { ...full, max_bytes: 1 });
    const why = { name: 'NatsError', message: 'maximum bytes exceeded' };
    await assert.rejects(stage.bus.publish(opened('full')), why);
    await assert.rejects(stage.bus.state.replace('track.cart', '{}', 0), why);
    await assert.rejects(stage.bus.ping(), { message: 'JetStream does not store events: maximum bytes exceeded' });
    for (const free of [config, state]) await manager.streams.update(free.name, free);
    await stage.bus.publish(opened('full'));
    await stage.bus.ping();
  });

  it('refuses to publish an event that does not match its schema', async () => {
    const event = opened('a');
    await assert.rejects(
      stage.bus.publish({ ...event, data: { ...event.data, track: 'No Label' } } as BusEvent),
      TypeError,
    );
  });

  it('closes though the server is gone', async () => {
    const bus = await stage.open();
    await stage.nats.kill();
    await bus.close();
    await stage.nats.restart();
  });
});
