import assert from 'node:assert/strict';
import { ticketId } from '@k8sta/contracts';
import { connect } from 'nats';
import { storeTicket } from './ticket.fixture.js';
import { callbackSecret, captured, tagged, WebhookEndpoint } from './webhook-endpoint.fixture.js';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a webhook that is posted', () => {
  const endpoint = new WebhookEndpoint();
  const { history, post } = endpoint;

  it('answers 202 with the Tickets once JetStream holds them and the delivery', async () => {
    const { status, json } = await post(captured, { headers: { traceparent } });
    assert.equal(status, 202);
    const image = 'docker.io/acme/storefront:1.4.2';
    const [opened] = await history('ticket.opened', { track: 'storefront' });
    const [mirrored] = await history('ticket.opened', { track: 'mirror' });
    assert.deepEqual(json, {
      tickets: [
        { track: 'storefront', ticket: opened?.data.ticket, image },
        { track: 'mirror', ticket: mirrored?.data.ticket, image },
      ],
    });
    assert.equal(opened?.data.pushedAt, '2026-01-02T03:04:05.000Z');
    assert.equal(opened?.ticketId, opened?.data.ticket);
    assert.equal(opened?.traceparent, traceparent);
    const [delivery] = await history('delivery.received', { sender: 'dockerhub' });
    assert.equal(delivery?.data.delivery, opened?.data.delivery);
    const { callback_url, ...rest } = JSON.parse(captured);
    assert.deepEqual(JSON.parse(delivery?.data.body ?? ''), rest);
    assert.ok(callback_url.includes(callbackSecret));
  });

  it('opens one Ticket for a webhook that is posted several times, and answers the others that they repeat it', async () => {
    const tap = await connect({ servers: endpoint.nats.url });
    const seen: string[] = [];
    tap.subscribe('k8sta.ticket.>', { callback: (_error, message) => void seen.push(message.subject) });
    await tap.flush();
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(tagged('2.0.0'))));
    await tap.flush();
    await tap.close();
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 202]);
    const opened = await history('ticket.opened', { track: 'storefront' });
    const [{ data: ticket } = assert.fail('no Ticket'), ...more] = opened.filter(
      ({ data }) => data.image.tag === '2.0.0',
    );
    assert.deepEqual(more, []);
    const repeat = answers.find(({ status }) => status === 200)?.json['tickets'] as object[];
    assert.deepEqual(repeat[0], {
      track: 'storefront',
      ticket: ticket.ticket,
      image: 'docker.io/acme/storefront:2.0.0',
      repeats: { state: 'opened' },
    });
    assert.deepEqual(seen.sort(), ['k8sta.ticket.mirror.opened', 'k8sta.ticket.storefront.opened']);
  });

  it('answers a repeat with how the Ticket ended, and opens another attempt for a push after that end', async () => {
    const pushed = (tag: string, at: string) =>
      JSON.stringify({
        push_data: { tag, pushed_at: Date.parse(at) / 1000 },
        repository: { repo_name: 'acme/storefront' },
      });
    const image = { repository: 'docker.io/acme/storefront', tag: '2.1.0' };
    const since = '2026-01-02T03:30:00.000Z';
    for (const { name: track } of endpoint.tracks) {
      const state = { is: 'failed', station: 'prod', reason: 'Degraded', message: 'a crash loop', since };
      await storeTicket(endpoint.stage.others, { id: ticketId(track, image), track, image }, state);
    }
    const before = await history('ticket.opened', { track: 'mirror' });
    const repeated = await post(pushed('2.1.0', '2026-01-02T03:29:00Z'));
    assert.equal(repeated.status, 200);
    const [ticket] = repeated.json['tickets'] as { repeats: object }[];
    const repeats = { state: 'failed', station: 'prod', reason: 'Degraded', message: 'a crash loop', since };
    assert.deepEqual(ticket?.repeats, repeats);
    assert.equal((await history('ticket.opened', { track: 'mirror' })).length, before.length);
    assert.equal((await post(pushed('2.1.0', '2026-01-02T03:31:00Z'))).status, 202);
    const [again] = (await history('ticket.opened', { track: 'mirror' })).slice(before.length);
    assert.deepEqual([again?.data.pushedAt, again?.data.attempt], ['2026-01-02T03:31:00.000Z', 2]);
    assert.equal(again?.data.ticket, ticketId('mirror', image, 2));
  });

  it('answers 200 with the reason when no Track subscribes, and keeps the delivery', async () => {
    const { status, json } = await post(tagged('latest'));
    assert.equal(status, 200);
    assert.deepEqual(json, {
      tickets: [],
      reason: 'TagNotSubscribed',
      message: 'tag latest of docker.io/acme/storefront is not strict semver',
    });
    assert.match(endpoint.stage.logged.join(), /"tracks":\["storefront","mirror"\]/);
    const deliveries = await history('delivery.received', { sender: 'dockerhub' });
    assert.ok(deliveries.some(({ data }) => data.body === tagged('latest')));
  });

  it('answers 503 with Retry-After while JetStream is away, and 202 once it is back', async () => {
    await endpoint.nats.kill();
    const { status, headers, json } = await post(tagged('4.0.0'));
    assert.deepEqual([status, headers.get('retry-after')], [503, '5']);
    assert.deepEqual(json, { error: 'the webhook could not be stored; post it again' });
    await assert.rejects(endpoint.storage.check(), /^Error: JetStream does not store events: /);
    await endpoint.nats.restart();
    const again = async (): Promise<number> => {
      const answer = await post(tagged('4.0.0'));
      return answer.status === 503 ? again() : answer.status;
    };
    assert.equal(await again(), 202);
    await endpoint.storage.check();
    const opened = await history('ticket.opened', { track: 'storefront' });
    assert.equal(opened.filter(({ data }) => data.image.tag === '4.0.0').length, 1);
  });

  it('is not ready while a stream is full, although the delivery itself can be stored', async () => {
    const admin = await connect({ servers: endpoint.nats.url });
    const { streams } = await admin.jetstreamManager();
    const { config, state } = await streams.info('K8STA');
    await streams.update('K8STA', { ...config, max_bytes: state.bytes });
    assert.equal((await post(tagged('4.1.0'))).status, 503);
    await assert.rejects(endpoint.storage.check(), {
      message: 'JetStream does not store events: maximum bytes exceeded',
    });
    assert.match(endpoint.stage.logged.join(), /"outcome":"notStored".*"message":"maximum bytes exceeded"/);
    await streams.update('K8STA', config);
    await admin.close();
    await endpoint.storage.check();
    const opened = await history('ticket.opened', { track: 'storefront' });
    assert.equal(opened.at(-1)?.data.image.tag, '4.1.0', 'the refused webhook is stored once the stream has room');
  });

  it('counts the outcome of each webhook', async () => {
    await post(tagged('5.0.0'));
    await post(tagged('latest'));
    await post(captured, { path: 'dockerhub/wrong' });
    const counted = await endpoint.stage.metrics.getSingleMetric('k8sta_ingest_webhooks_total')?.get();
    assert.deepEqual(
      counted?.values.map(({ labels, value }) => [labels['sender'], labels['outcome'], value]),
      [
        ['dockerhub', 'opened', 1],
        ['dockerhub', 'notSubscribed', 1],
        ['unknown', 'notFound', 1],
      ],
    );
    assert.match(await endpoint.stage.metrics.metrics(), /k8sta_ingest_request_seconds_count\{outcome="opened"\} 1/);
  });
});
