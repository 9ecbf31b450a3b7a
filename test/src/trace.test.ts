import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver, storefront } from '@k8sta/sandbox';
import { startTestSystem, type TestSystem } from './test-system.js';

const names = ['ingest', 'tracker', 'promoter', 'argo-watcher'] as const;
const stations = ['dev', 'stage', 'prod'];

/** The trace that the sender of the webhook has begun. */
const sent = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

describe('a trace', () => {
  let receiver: OtlpReceiver;
  let railway: TestSystem;
  let ticket: string;
  let spans: ReceivedSpan[];

  before(async () => {
    receiver = await startOtlpReceiver();
    const exports = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
    railway = await startTestSystem({
      line: { ...storefront, keys: { stage: 'soak: 2s' } },
      environment: Object.fromEntries(names.map((name) => [name, exports])),
    });
    const traceparent = `00-${sent.traceId}-${sent.spanId}-01`;
    const { tickets } = await railway.push('1.4.2', { traceparent });
    ticket = tickets[0] ?? '';
    await railway.tap.completed(ticket);
    await receiver.span(is('tracker', 'publish ticket.completed'), 'the last span');
    // Each service exports what it still has when it shuts down.
    for (const name of names) await railway.services[name].kill('SIGTERM');
    spans = receiver.spans.filter(({ traceId }) => traceId === sent.traceId);
  });
  after(async () => {
    await railway?.stop();
    await receiver?.stop();
  });

  const is = (service: string, name: string) => (span: ReceivedSpan) => span.service === service && span.name === name;
  const at = (service: string, name: string) =>
    spans.filter(is(service, name)).flatMap(({ attributes }) => attributes['k8sta.station'] ?? []);

  it('goes from the webhook to production through all services, under the id that the sender gave', () => {
    const [webhook, ...more] = spans.filter(is('ingest', 'webhook dockerhub'));
    assert.ok(webhook && more.length === 0);
    assert.equal(webhook.parentSpanId, sent.spanId);
    assert.equal(webhook.attributes['http.response.status_code'], 202);
    assert.equal(spans.filter(is('tracker', 'process ticket.opened')).length, 1);
    for (const [service, name] of [
      ['tracker', 'publish promotion.requested'],
      ['promoter', 'process promotion.requested'],
      ['promoter', 'plan'],
      ['promoter', 'push'],
      ['promoter', 'publish promotion.committed'],
      ['tracker', 'process promotion.committed'],
      ['argo-watcher', 'process promotion.committed'],
      ['tracker', 'publish ticket.arrived'],
    ] as const) {
      assert.deepEqual(at(service, name), stations, `${service}: ${name}`);
    }
    for (const [asks, answers, question] of [
      ['promoter', 'tracker', 'k8sta.api.wanted'],
      ['tracker', 'promoter', 'k8sta.git.relation'],
    ] as const) {
      const asked = spans.filter(is(asks, `ask ${question}`));
      const answered = spans.filter(is(answers, `answer ${question}`));
      assert.ok(asked.length >= 3 && asked.length === answered.length, question);
      assert.ok(answered.every(({ parentSpanId }) => asked.some(({ spanId }) => spanId === parentSpanId)));
    }
  });

  it('holds everything of the Ticket, and each span has its cause in it', () => {
    const ours = receiver.spans.filter(({ attributes }) => attributes['k8sta.ticket'] === ticket);
    assert.ok(ours.length > 30, `${ours.length} spans`);
    assert.deepEqual([...new Set(ours.map(({ traceId }) => traceId))], [sent.traceId]);
    const known = new Set([sent.spanId, ...spans.map(({ spanId }) => spanId)]);
    const lost = spans.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ''));
    assert.deepEqual(
      lost.map(({ service, name }) => `${service}: ${name}`),
      [],
    );
  });

  it('leads from each handled message to the service that published it', () => {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const handled = spans.filter(({ name }) => name.startsWith('process '));
    assert.ok(handled.length >= 10, `${handled.length} messages`);
    for (const { name, parentSpanId } of handled) {
      assert.equal(byId.get(parentSpanId ?? '')?.name, name.replace('process', 'publish'));
    }
  });

  it('has short spans: none is open while the Ticket soaks', () => {
    const of = (name: string, station: string) =>
      spans.find((span) => is('tracker', name)(span) && span.attributes['k8sta.station'] === station);
    const arrived = of('publish ticket.arrived', 'stage');
    const left = of('publish promotion.requested', 'prod');
    assert.ok(arrived && left && left.startedAt - arrived.endedAt > 1_500);
    const open = spans.filter((span) => span.startedAt <= arrived.startedAt && span.endedAt >= left.endedAt);
    assert.deepEqual(
      open.map(({ service, name }) => `${service}: ${name}`),
      [],
    );
  });

  it('has no span of what belongs to no Ticket', () => {
    const noise = receiver.spans.filter(({ name }) => /application\.(observed|current|gone)/.test(name));
    assert.deepEqual(noise, []);
  });

  it('carries no secret', async () => {
    const everything = receiver.bodies.join('\n');
    const secrets = [
      railway.webhookUrl.split('/').at(-1),
      railway.git.password,
      ...(await Promise.all(names.map((name) => readFile(railway.nats.as(name).passwordFile, 'utf8')))),
    ];
    for (const secret of secrets) {
      assert.ok(secret);
      assert.ok(!everything.includes(secret.trim()));
    }
  });
});
