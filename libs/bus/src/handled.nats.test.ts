import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type BusEvent, durableOf, eventId, everyUse } from '@k8sta/contracts';
import { type NatsServer, startNats, until } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import { type Bus, connectBus } from './bus.js';
import type { Log } from './log.js';
import { done, later } from './outcome.js';

const ackWaitMs = 500;

describe('a durable of a stream of last values', () => {
  let nats: NatsServer;
  let bus: Bus;
  let raw: NatsConnection;
  let count = 0;
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, warn: (_fields, message) => void warnings.push(message), error() {} };

  beforeEach(async () => {
    nats = await startNats();
    const connection = { servers: nats.url };
    bus = await connectBus({ service: 'tracker', uses: everyUse, connection, log, ackWaitMs });
    raw = await connect({ ...connection, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  });
  afterEach(async () => {
    await raw.close();
    await bus.close();
    await nats.stop();
  });

  const gone = (name: string): BusEvent => {
    count += 1;
    const data = { instance: 'default', namespace: 'argocd', name, uid: 'x', observedAt: '2026-01-02T03:04:05Z' };
    return { type: 'application.gone', id: eventId('application.gone', `${count}`), data };
  };
  const renewed = () => warnings.filter((message) => message.includes('no longer has')).length;

  /** Replaces the values of a few subjects again and again until nats-server is killed in the middle. */
  async function killWhilePublishing(): Promise<void> {
    let isKilled = false;
    const publishing = Array.from({ length: 4 }, async (_, name) => {
      while (!isKilled) await bus.publish(gone(`app-${name}`)).catch(() => {});
    });
    await delay(400);
    await nats.kill();
    isKilled = true;
    await nats.restart();
    await Promise.all(publishing);
  }

  it('that a crash of nats-server made wait for replaced messages is made again, and everything counts as handled', async () => {
    const manager = await raw.jetstreamManager();
    await bus.consume('application.gone', async () => {
      await delay(5);
      return done;
    });
    // It is never replaced: without it, nats-server would give up the messages before the first of its stream.
    await bus.publish(gone('idle'));
    const info = () => manager.consumers.info('K8STA_APPLICATIONS', durableOf('tracker', 'application.gone'));
    const waitsInVain = async () => {
      const { num_pending: coming, num_ack_pending: inHand, num_redelivered: again } = await info();
      return coming === 0 && inHand > 0 && again === inHand;
    };
    for (let attempt = 1; ; attempt += 1) {
      await killWhilePublishing();
      await until(async () => (await info().catch(() => undefined))?.num_pending === 0);
      // So long that everything that can be delivered has been.
      if (await until(waitsInVain, { deadlineMs: 4 * ackWaitMs }).catch(() => false)) break;
      assert.ok(attempt < 8, 'no crash left a message behind');
    }
    const { sequence } = await bus.publish(gone('app-0'));
    await until(() => bus.hasHandled('application.gone', sequence + 1), { deadlineMs: 20_000, everyMs: 100 });
    assert.equal(renewed(), 1);
  });

  it('stays while a message is handed back for a reason', async () => {
    let isHandledLater = true;
    await bus.consume('application.gone', async () => (isHandledLater ? later(200, 'not now') : done));
    const before = renewed();
    const { sequence } = await bus.publish(gone('app'));
    const startedAt = performance.now();
    await until(
      async () => {
        assert.equal(await bus.hasHandled('application.gone', sequence + 1), false);
        return performance.now() - startedAt > 6 * ackWaitMs;
      },
      { everyMs: 100 },
    );
    isHandledLater = false;
    await until(() => bus.hasHandled('application.gone', sequence + 1));
    assert.equal(renewed(), before);
  });
});
