import assert from 'node:assert/strict';
import { everyUse, gitRelation } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { Registry } from 'prom-client';
import { opened, quiet } from './bus.fixture.js';
import { type Bus, connectBus } from './bus.js';
import { busMetrics } from './metrics.js';
import { done, later, never } from './outcome.js';

describe('the metrics of the bus', () => {
  let nats: NatsServer;
  let bus: Bus;
  let registry: Registry;

  beforeEach(async () => {
    nats = await startNats();
    registry = new Registry();
    const connection = { servers: nats.url };
    bus = await connectBus({ service: 'tracker', uses: everyUse, connection, log: quiet, ...busMetrics(registry) });
  });
  afterEach(() => nats.stop());

  async function samples(): Promise<string[]> {
    const lines = (await registry.metrics()).split('\n');
    return lines.filter((line) => line.startsWith('k8sta_') && !line.endsWith(' 0')).sort();
  }

  it('report zero dead letters from the start', async () => {
    assert.deepEqual(await samples(), []);
    assert.match(await registry.metrics(), /^k8sta_bus_dead_letters_total\{reason="impossible"\} 0$/m);
    await bus.close();
  });

  it('count each message by outcome', async () => {
    const over = new Promise<void>((resolve) => {
      const seen = new Set<string>();
      void bus.consume('ticket.opened', async ({ data: { ticket }, deliveries }) => {
        if (ticket === 'late' && deliveries === 1) return later(1, 'not yet');
        if (ticket === 'broken' && deliveries === 1) throw new Error('a broken world');
        if (seen.add(ticket).size === 3) resolve();
        return ticket === 'dead' ? never('impossible', 'the Track rides elsewhere') : done;
      });
    });
    for (const ticket of ['late', 'broken', 'dead']) await bus.publish(opened(ticket));
    await over;
    await bus.close();
    assert.deepEqual(await samples(), [
      'k8sta_bus_dead_letters_total{reason="impossible"} 1',
      'k8sta_bus_messages_total{type="ticket.opened",outcome="done"} 2',
      'k8sta_bus_messages_total{type="ticket.opened",outcome="later"} 2',
      'k8sta_bus_messages_total{type="ticket.opened",outcome="never"} 1',
      'k8sta_bus_redeliveries_total{type="ticket.opened"} 2',
    ]);
  });

  it('count each question by outcome', async () => {
    const question = {
      repository: 'https://git.test/x',
      commit: 'a'.repeat(40),
      revision: 'b'.repeat(40),
      image: { repository: 'x', tag: '1' },
    };
    await bus.ask(gitRelation, question, 200);
    bus.answer(gitRelation, async ({ branch }) => {
      if (branch === 'broken') throw new Error('the mirror is gone');
      return { relation: 'same' as const };
    });
    await bus.ask(gitRelation, question, 1000);
    await bus.ask(gitRelation, { ...question, branch: 'broken' }, 1000).catch(() => {});
    await bus.close();
    assert.deepEqual(await samples(), [
      'k8sta_bus_questions_total{question="k8sta.git.relation",outcome="answered"} 1',
      'k8sta_bus_questions_total{question="k8sta.git.relation",outcome="failed"} 1',
      'k8sta_bus_questions_total{question="k8sta.git.relation",outcome="unanswered"} 1',
    ]);
  });
});
