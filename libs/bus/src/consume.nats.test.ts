import assert from 'node:assert/strict';
import { eventId } from '@k8sta/contracts';
import { until } from '@k8sta/sandbox';
import { collector, opened, stageForEach } from './bus.fixture.js';
import { done, later, never } from './outcome.js';
import { wrap } from './wrap.js';

describe('a consumer', () => {
  const stage = stageForEach();

  /** The Tickets of the events that a consumer is given, and handles. */
  const openedTickets = async () => {
    const seen = collector<string>();
    await stage.bus.consume('ticket.opened', async ({ data }) => {
      seen.add(data.ticket);
      return done;
    });
    return seen;
  };

  it('delivers to the durable what was stored before and after its creation', async () => {
    await stage.bus.publish(opened('a'));
    const seen = await openedTickets();
    await stage.bus.publish(opened('b'));
    assert.deepEqual((await seen.reach(2)).sort(), ['a', 'b']);
  });

  it('redelivers a message that was handed back or whose handler threw', async () => {
    const seen = collector<number>();
    await stage.bus.consume('ticket.opened', async ({ deliveries }) => {
      seen.add(deliveries);
      if (deliveries === 1) return later(1, 'not yet');
      if (deliveries === 2) throw new Error('a broken world');
      return done;
    });
    await stage.bus.publish(opened('a'));
    assert.deepEqual(await seen.reach(3), [1, 2, 3]);
  });

  it('logs why it could not handle a message, and for which Ticket', async () => {
    const lines: string[] = [];
    const log = (level: string) => (fields: object, message: string) =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const loud = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
    const logging = await stage.open({ service: 'promoter', log: loud });
    const seen = collector<number>();
    await logging.consume('ticket.opened', async ({ deliveries }) => {
      seen.add(deliveries);
      if (deliveries === 1) return later(1, 'not yet');
      if (deliveries === 2) throw new Error('a broken world');
      return never('impossible', 'never');
    });
    await stage.bus.publish(opened('a'));
    await seen.reach(3);
    await logging.close();
    const said = lines.map((line) => /^\w+ [^{]+/.exec(line)?.[0].trim());
    assert.deepEqual(said, [
      'info message not handled now, retrying',
      'warn message could not be handled, retrying',
      'error dead letter',
    ]);
    for (const line of lines) assert.match(line, /"ticketid":"a"/);
  });

  it('publishes a dead letter for a message that it can never handle, with the cause and the original', async () => {
    const letters = stage.raw.subscribe('k8sta.dead.>', { max: 2 });
    await stage.bus.consume('ticket.opened', async () => never('impossible', 'the Track rides elsewhere'));
    await stage.bus.publish(opened('a'));
    stage.raw.publish('k8sta.ticket.storefront.opened', 'no json');
    const causes: Record<string, { cause: string; payload: string }> = {};
    for await (const letter of letters) {
      const { data } = letter.json<{ data: { reason: string; cause: string; original: { payload: string } } }>();
      causes[data.reason] = { cause: data.cause, payload: data.original.payload };
    }
    assert.equal(causes['impossible']?.cause, 'the Track rides elsewhere');
    assert.equal(causes['unreadable']?.payload, 'no json');
    assert.match(causes['unreadable']?.cause ?? '', /^is not JSON: .*$/);
  });

  it('handles no event whose data belongs to another subject than the one that its publisher may use', async () => {
    const letters = stage.raw.subscribe('k8sta.dead.>', { max: 1 });
    const verbs = collector<string>();
    await stage.bus.consume('operator.word', async ({ data }) => {
      verbs.add(data.verb);
      return done;
    });
    const about = { track: 'app', ticket: 'a', station: 'prod', name: 'smoke', outcome: 'passed' } as const;
    const said = { ...about, verb: 'check', by: 'ci', at: '2026-01-01T00:00:00Z' } as const;
    const forged = { ...said, verb: 'express' } as const;
    const id = eventId('operator.word', 'forged');
    const { payload } = wrap({ type: 'operator.word', id, data: forged }, 'ingest', new Date());
    stage.raw.publish('k8sta.operator.app.check', payload);
    for await (const letter of letters) {
      const { data } = letter.json<{ data: { reason: string; cause: string } }>();
      assert.equal(data.reason, 'invalid');
      assert.match(
        data.cause,
        /belongs to the subject k8sta\.operator\.app\.express, not to k8sta\.operator\.app\.check/,
      );
    }
    await stage.bus.publish({ type: 'operator.word', id: eventId('operator.word', 'said'), data: said });
    assert.deepEqual(await verbs.reach(1), ['check']);
  });

  it('stops at once if it is closed before it has started', async () => {
    const hasty = await stage.open({ service: 'promoter' });
    await hasty.consume('promotion.requested', async () => done);
    await hasty.close();
  });

  it('continues after the streams and durables were deleted', async () => {
    const seen = await openedTickets();
    await stage.bus.publish(opened('a'));
    await seen.reach(1);
    const manager = await stage.raw.jetstreamManager();
    await manager.streams.delete('K8STA');
    await stage.bus.publish(opened('b'));
    assert.deepEqual(await seen.reach(2), ['a', 'b']);
  });

  it('continues after nats-server was killed', async () => {
    const seen = await openedTickets();
    await stage.bus.publish(opened('a'));
    await seen.reach(1);
    await stage.nats.kill();
    await stage.nats.restart();
    const again = async (): Promise<unknown> => stage.bus.publish(opened('b')).catch(again);
    await again();
    // `a` may come a second time: the server may have died with its acknowledgement.
    await until(() => seen.items.includes('b'));
    assert.deepEqual([...new Set(seen.items)], ['a', 'b']);
  });
});
