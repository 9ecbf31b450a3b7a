import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { durableOf } from '@k8sta/contracts';
import { until } from '@k8sta/sandbox';
import { connect } from 'nats';
import { collector, gone, opened, quiet, stageForEach } from './bus.fixture.js';
import { done, later } from './outcome.js';

describe('hasHandled', () => {
  const stage = stageForEach();

  it('says whether the service has handled everything before a sequence of the stream', async () => {
    const { bus } = stage;
    const first = await bus.publish(gone('a'));
    assert.equal(await bus.hasHandled('application.gone', first.sequence + 1), false, 'no durable as yet');
    const seen = collector<{ name: string; handled: () => void }>();
    await bus.consume('application.gone', async ({ data: { name } }) => {
      await new Promise<void>((handled) => seen.add({ name, handled }));
      return done;
    });
    const second = await bus.publish(gone('b'));
    const [a, b] = await seen.reach(2);
    const before = (sequence: number) => bus.hasHandled('application.gone', sequence);
    b?.handled();
    assert.equal(await before(second.sequence + 1), false, 'the first one is still being handled');
    a?.handled();
    await until(() => before(second.sequence + 1));
    const third = await bus.publish(gone('c'));
    await seen.reach(3);
    assert.equal(await before(third.sequence), true, 'what comes later does not matter');
    assert.equal(await before(third.sequence + 1), false);
    seen.items[2]?.handled();
    // An event of another type moves no floor of this one.
    const other = await bus.publish(opened('d'));
    await until(() => before(other.sequence + 100));
  });
});

describe('a durable of a stream of last values', () => {
  const stage = stageForEach();
  let occasion = 0;
  const next = (name: string) => gone(name, { occasion: ++occasion });

  /** A bus that notes in `renewals` when it makes a durable again. */
  const openNoting = async (ackWaitMs: number) => {
    const renewals: string[] = [];
    const warn = (_fields: object, message: string) => {
      if (message.includes('no longer has')) renewals.push(message);
    };
    return { bus: await stage.open({ ackWaitMs, log: { ...quiet, warn } }), renewals };
  };

  it('that a crash of nats-server made wait for replaced messages is made again, and everything counts as handled', async () => {
    const ackWaitMs = 500;
    const { bus, renewals } = await openNoting(ackWaitMs);
    const raw = await connect({ servers: stage.nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    const manager = await raw.jetstreamManager();
    await bus.consume('application.gone', async () => {
      await delay(5);
      return done;
    });
    // It is never replaced: without it, nats-server would give up the messages before the first of its stream.
    await bus.publish(next('idle'));
    const info = () => manager.consumers.info('K8STA_APPLICATIONS', durableOf('tracker', 'application.gone'));
    const waitsInVain = async () => {
      const { num_pending: coming, num_ack_pending: inHand, num_redelivered: again } = await info();
      return coming === 0 && inHand > 0 && again === inHand;
    };
    for (let attempt = 1; ; attempt += 1) {
      await killWhilePublishing(async (name) => void (await bus.publish(next(name)).catch(() => {})));
      await until(async () => (await info().catch(() => undefined))?.num_pending === 0);
      // So long that everything that can be delivered has been.
      if (await until(waitsInVain, { deadlineMs: 4 * ackWaitMs }).catch(() => false)) break;
      assert.ok(attempt < 8, 'no crash left a message behind');
    }
    const { sequence } = await bus.publish(next('app-0'));
    await until(() => bus.hasHandled('application.gone', sequence + 1), { deadlineMs: 20_000, everyMs: 100 });
    assert.equal(renewals.length, 1);
    await raw.close();
    await bus.close();
  });

  /** Replaces the values of a few subjects again and again until nats-server is killed in the middle. */
  async function killWhilePublishing(publish: (name: string) => Promise<void>): Promise<void> {
    let isKilled = false;
    let published = 0;
    const publishing = Array.from({ length: 4 }, async (_, at) => {
      for (; !isKilled; published += 1) await publish(`app-${at}`);
    });
    await until(() => published >= 400);
    await stage.nats.kill();
    isKilled = true;
    await stage.nats.restart();
    await Promise.all(publishing);
  }

  it('stays while a message is handed back for a reason', async () => {
    const ackWaitMs = 200;
    const { bus, renewals } = await openNoting(ackWaitMs);
    let isHandledLater = true;
    let deliveries = 0;
    await bus.consume('application.gone', async (event) => {
      ({ deliveries } = event);
      return isHandledLater ? later(25, 'not now') : done;
    });
    const { sequence } = await bus.publish(next('app'));
    const isHandled = () => bus.hasHandled('application.gone', sequence + 1);
    // Its durable has waited for so many redeliveries, and for longer than three ack waits.
    await until(async () => {
      assert.equal(await isHandled(), false);
      return deliveries > (5 * ackWaitMs) / 25;
    });
    isHandledLater = false;
    await until(isHandled);
    assert.deepEqual(renewals, []);
    await bus.close();
  });
});
