import assert from 'node:assert/strict';
import { type ApiHandlers, apiQuestion, apiVerbs, eventId, promotionWanted } from '@k8sta/contracts';
import { commonOptions, loadConfig, startTracing } from '@k8sta/runtime';
import { type NatsServer, type OtlpReceiver, type ReceivedSpan, startNats, startOtlpReceiver } from '@k8sta/sandbox';
import { connect } from 'nats';
import { ask } from './ask.js';
import { type Bus, connectBus } from './bus.js';
import type { Received } from './handler.js';
import { done, never } from './outcome.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const cause = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const traceparent = `00-${cause.traceId}-${cause.spanId}-01`;

describe('the spans of the bus', () => {
  let nats: NatsServer;
  let receiver: OtlpReceiver;
  /** Run after each test: a bus that goes on consuming would take the messages of the next one. */
  const ends: (() => Promise<unknown>)[] = [];

  before(async () => {
    [nats, receiver] = await Promise.all([startNats(), startOtlpReceiver()]);
  });
  afterEach(() => end());
  after(async () => {
    await receiver?.stop();
    await nats?.stop();
  });

  /** Closes the buses, which exports what they have traced. */
  async function end(): Promise<void> {
    for (const each of ends.splice(0).reverse()) await each();
  }

  async function startBus(service: 'tracker' | 'promoter', { isTraced = true } = {}): Promise<Bus> {
    let close: () => Promise<void> = async () => {};
    const config = loadConfig(commonOptions, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const lifecycle = {
      onShutdown(_name: string, shutdown: () => Promise<void>) {
        close = shutdown;
      },
    };
    const tracing = isTraced ? await startTracing({ service, config, lifecycle, log: quiet }) : undefined;
    const bus = await connectBus({ service, connection: { servers: nats.url }, log: quiet, tracing });
    ends.push(async () => {
      await bus.close();
      await close();
    });
    return bus;
  }

  const span = (service: string, name: string): Promise<ReceivedSpan> =>
    receiver.span((each) => each.service === service && each.name === name, `${service}: ${name}`);

  const failed = (ticket: string, traced: { traceparent?: string }) => ({
    type: 'promotion.failed' as const,
    id: eventId('promotion.failed', ticket),
    ticketId: ticket,
    ...traced,
    data: {
      ...{ promotion: `${ticket}/dev/1`, part: 0, ticket, track: 'storefront', station: 'dev' },
      ...{ reason: 'PathMissing' as const, message: 'no such path', failedAt: new Date().toISOString() },
    },
  });

  /** Delivers these events to a tracker that answers each with this outcome. */
  async function deliver(tracker: Bus, promoter: Bus, events: ReturnType<typeof failed>[], outcome = done) {
    const received: Received<'promotion.failed'>[] = [];
    const all = new Promise<void>((resolve) => {
      void tracker.consume('promotion.failed', async (event) => {
        received.push(event);
        if (received.length === events.length) resolve();
        return outcome;
      });
    });
    for (const event of events) await promoter.publish(event);
    await all;
    return received;
  }

  it('lead from the publisher to the consumer, which gets the context of its own span', async () => {
    const [tracker, promoter] = [await startBus('tracker'), await startBus('promoter')];
    const events = [failed('with', { traceparent }), failed('without', {})];
    const received = await deliver(tracker, promoter, events, never('impossible', 'a test'));
    await end();
    const [published, processed] = [
      await span('promoter', 'publish promotion.failed'),
      await span('tracker', 'process promotion.failed'),
    ];
    assert.deepEqual([published.traceId, published.parentSpanId], [cause.traceId, cause.spanId]);
    assert.deepEqual([processed.traceId, processed.parentSpanId], [cause.traceId, published.spanId]);
    assert.deepEqual(
      received.map((event) => event.traceparent),
      [`00-${cause.traceId}-${processed.spanId}-01`, undefined],
    );
    assert.deepEqual([processed.isFailed, processed.attributes['k8sta.outcome']], [true, 'never']);
    assert.equal(processed.attributes['k8sta.station'], 'dev');
    const ofBoth = receiver.spans.filter(({ name }) => name.endsWith('promotion.failed'));
    assert.deepEqual(
      [...new Set(ofBoth.map(({ traceId }) => traceId))],
      [cause.traceId],
      'an event without a cause has none',
    );
  });

  it('lead from a question to its answer, and none belongs to a question without a cause', async () => {
    const [tracker, promoter] = [await startBus('tracker'), await startBus('promoter')];
    tracker.answer(promotionWanted, async () => ({ wanted: true }));
    const request = { track: 'storefront', ticket: 'x', promotion: 'x/dev/1', part: 0 };
    await promoter.ask(promotionWanted, request, 2_000);
    await promoter.ask(promotionWanted, request, 2_000, traceparent);
    await end();
    const [asked, answered] = [
      await span('promoter', 'ask k8sta.api.wanted'),
      await span('tracker', 'answer k8sta.api.wanted'),
    ];
    assert.deepEqual([asked.traceId, asked.parentSpanId], [cause.traceId, cause.spanId]);
    assert.deepEqual([answered.traceId, answered.parentSpanId], [cause.traceId, asked.spanId]);
    assert.equal(receiver.spans.filter(({ name }) => name === 'ask k8sta.api.wanted').length, 1);
  });

  it('start a trace with a word of an operator, but not with a look', async () => {
    const tracker = await startBus('tracker');
    const refuse = async () => ({ ok: false, reason: 'TrackUnknown', message: 'x' }) as const;
    await tracker.serve(Object.fromEntries(apiVerbs.map((verb) => [verb, refuse])) as unknown as ApiHandlers);
    const connection = await connect({ servers: nats.url });
    ends.push(() => connection.close());
    await ask(connection, apiQuestion('bob', 'tracks'), {}, 2_000);
    await ask(connection, apiQuestion('bob', 'pause'), { track: 'storefront' }, 2_000);
    await end();
    const word = await span('tracker', 'answer k8sta.api.pause');
    assert.equal(word.parentSpanId, undefined);
    assert.ok(!receiver.spans.some(({ name }) => name === 'answer k8sta.api.tracks'));
  });

  it('leave the context of an event unchanged where traces are off', async () => {
    const [tracker, promoter] = [
      await startBus('tracker', { isTraced: false }),
      await startBus('promoter', { isTraced: false }),
    ];
    const [event] = await deliver(tracker, promoter, [failed('off', { traceparent })]);
    assert.equal(event?.traceparent, traceparent);
  });
});
