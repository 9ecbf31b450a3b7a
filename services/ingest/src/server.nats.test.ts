import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Bus, connectBus, type Log } from '@k8sta/bus';
import { type EventType, everyUse, stateKey, type TokensFor, ticketId } from '@k8sta/contracts';

import { type NatsServer, startNats } from '@k8sta/sandbox';
import fc from 'fast-check';
import { connect } from 'nats';
import { Registry } from 'prom-client';
import { createMetrics } from './metrics.js';
import { judgeOpenings } from './repeat.js';
import { dockerHub } from './senders/dockerhub.js';
import { named } from './senders/proven.fixture.js';
import { startServer, type WebhookServer } from './server.js';
import { Storage } from './storage.js';
import { tracksOf, written } from './tracks.fixture.js';

const secret = 'a-secret-that-nobody-may-see';
const captured = readFileSync(new URL('senders/fixtures/dockerhub/push.json', import.meta.url), 'utf8');
const callbackSecret = '2141b5bi5i5b02bec211i4eeih0242eg11000a';
const bodyLimit = 64 * 1024;
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const subscribed = (...names: string[]) => tracksOf({ tracks: names.map((name) => written(name, 'acme/storefront')) });

describe('the webhook endpoint', () => {
  let nats: NatsServer;
  let bus: Bus;
  /** May use everything on the bus. */
  let others: Bus;
  let server: WebhookServer;
  let storage: Storage;
  const tracks = subscribed('storefront', 'mirror');
  const now = () => new Date();
  let metrics: Registry;
  let logged: string[];
  const log: Log = {
    debug: (fields, message) => void logged.push(JSON.stringify([message, fields])),
    info: (fields, message) => void logged.push(JSON.stringify([message, fields])),
    warn: (fields, message) => void logged.push(`${JSON.stringify([message, fields])} warn`),
    error: (fields, message) => void logged.push(JSON.stringify([message, fields, String(Object.values(fields))])),
  };

  const address = (path = `dockerhub/${secret}`) => `http://127.0.0.1:${server.port}/webhooks/${path}`;
  const post = async (
    body: NonNullable<RequestInit['body']>,
    { path, ...init }: RequestInit & { path?: string } = {},
  ) => {
    const headers = { 'content-type': 'application/json', ...init.headers };
    const response = await fetch(address(path), { method: 'POST', body, ...init, headers });
    return {
      status: response.status,
      headers: response.headers,
      json: (await response.json()) as { [key: string]: unknown },
    };
  };
  const tagged = (tag: string) => JSON.stringify({ push_data: { tag }, repository: { repo_name: 'acme/storefront' } });
  const history = <Type extends EventType>(type: Type, tokens: TokensFor<Type>) =>
    others.since(type, tokens, new Date(0));

  before(async () => {
    nats = await startNats();
  });
  after(() => nats.stop());
  beforeEach(async () => {
    logged = [];
    metrics = new Registry();
    others = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log });
    bus = await connectBus({ service: 'ingest', connection: { servers: nats.url }, log });
    storage = new Storage({ bus, withinMs: 1_000, bodyLimit, now });
    server = await startServer(
      {
        senders: [dockerHub],
        secrets: { of: async () => named(secret) },
        tracks,
        storage,
        judge: judgeOpenings(bus, log),
        now,
        bodyLimit,
        log,
        metrics: createMetrics(metrics),
      },
      0,
      '127.0.0.1',
    );
  });
  afterEach(async () => {
    await server.close();
    await bus.close();
    await others.close();
    const everything = logged.join('\n');
    assert.ok(!everything.includes(secret), 'the secret was logged');
    assert.ok(!everything.includes(callbackSecret), 'the address to call back was logged');
    assert.ok(!(await metrics.metrics()).includes(secret), 'the secret is in a metric');
  });

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
    const tap = await connect({ servers: nats.url });
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
    for (const { name: track } of tracks) {
      const ticket = ticketId(track, image);
      const state = { is: 'failed', station: 'prod', reason: 'Degraded', message: 'a crash loop', since };
      const times = { pushedAt: '2026-01-02T03:00:00Z', receivedAt: since, openedAt: since };
      const head = { id: ticket, track, image, sender: 'dockerhub', ...times };
      const value = JSON.stringify({ ...head, sequence: 1, state, stations: [] });
      assert.ok(await others.state.replace(stateKey.ticket(track, ticket), value, 0));
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
    assert.match(logged.join(), /"tracks":\["storefront","mirror"\]/);
    const deliveries = await history('delivery.received', { sender: 'dockerhub' });
    assert.ok(deliveries.some(({ data }) => data.body === tagged('latest')));
  });

  it('answers 404 to a wrong secret and to a wrong path, for any method', async () => {
    const wrong = [`dockerhub/${secret}x`, 'dockerhub/', 'dockerhub', `quay/${secret}`, `dockerhub/${secret}/`, ''];
    const answers = await Promise.all(
      [...wrong, `dockerhub/${secret}`.replace('a-secret', '%61-secret'), `dockerhub?secret=${secret}`].flatMap(
        (path) => [
          post(captured, { path }),
          post('not even JSON', { path, headers: { 'content-type': 'text/plain' } }),
          fetch(address(path)).then(async (response) => ({
            ...response,
            status: response.status,
            json: await response.json(),
          })),
        ],
      ),
    );
    for (const { status, json } of answers) assert.deepEqual([status, json], [404, { error: 'not found' }]);
  });

  it('answers 405 with the allowed method if the secret is right', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
      const response = await fetch(address(), { method });
      assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST']);
    }
  });

  it('answers 400 with what is wrong and where', async () => {
    const { status, json } = await post('{"push_data": {"tag": "1.0.0"}}');
    assert.deepEqual([status, json['error']], [400, 'repository: Invalid input: expected object, received undefined']);
    assert.equal((await post(captured.slice(0, -9))).status, 400);
    const [first = ''] = logged;
    assert.match(first, /"message":"repository: Invalid input.*warn$/);
  });

  it('answers 415 to a body that is not declared as JSON, or is compressed', async () => {
    assert.equal((await post(captured, { headers: { 'content-type': 'text/plain' } })).status, 415);
    assert.equal((await post(captured, { headers: { 'content-encoding': 'gzip' } })).status, 415);
  });

  it('answers 413 to a body that is too large, announced or not, or that would be too large when it is stored', async () => {
    const large = 'x'.repeat(bodyLimit + 1);
    assert.equal((await post(large)).status, 413);
    const stream = new Blob([large]).stream();
    assert.equal((await post(stream, { duplex: 'half' } as RequestInit)).status, 413);
    const grows = `{"x": "${'\\"'.repeat(bodyLimit / 3)}", ${tagged('1.0.0').slice(1)}`;
    assert.ok(Buffer.byteLength(grows) < bodyLimit);
    assert.equal((await post(grows)).status, 413);
  });

  it('survives a connection that breaks, and bytes that are not HTTP', async () => {
    const talk = (words: string) => {
      const socket = openSocket(server.port, '127.0.0.1');
      socket.end(words);
      return text(socket);
    };
    const head = `POST /webhooks/dockerhub/${secret} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    await talk(`${head}Content-Length: 100\r\n\r\n{`);
    assert.match(await talk('\0\0\0\r\n\r\n'), /^HTTP\/1.1 400 /);
    assert.match(await talk('GET http://[x/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 404 /);
    assert.equal((await post(tagged('3.0.0'))).status, 202);
  });

  it('answers 503 with Retry-After while JetStream is away, and 202 once it is back', async () => {
    await nats.kill();
    const { status, headers, json } = await post(tagged('4.0.0'));
    assert.deepEqual([status, headers.get('retry-after')], [503, '5']);
    assert.deepEqual(json, { error: 'the webhook could not be stored; post it again' });
    await assert.rejects(storage.check(), /^Error: JetStream does not store events: /);
    await nats.restart();
    const again = async (): Promise<number> => {
      const answer = await post(tagged('4.0.0'));
      return answer.status === 503 ? again() : answer.status;
    };
    assert.equal(await again(), 202);
    await storage.check();
    const opened = await history('ticket.opened', { track: 'storefront' });
    assert.equal(opened.filter(({ data }) => data.image.tag === '4.0.0').length, 1);
  });

  it('is not ready while a stream is full, although the delivery itself can be stored', async () => {
    const admin = await connect({ servers: nats.url });
    const { streams } = await admin.jetstreamManager();
    const { config, state } = await streams.info('K8STA');
    await streams.update('K8STA', { ...config, max_bytes: state.bytes });
    assert.equal((await post(tagged('4.1.0'))).status, 503);
    await assert.rejects(storage.check(), { message: 'JetStream does not store events: maximum bytes exceeded' });
    assert.match(logged.join(), /"outcome":"notStored".*"message":"maximum bytes exceeded"/);
    await streams.update('K8STA', config);
    await admin.close();
    await storage.check();
    const opened = await history('ticket.opened', { track: 'storefront' });
    assert.equal(opened.at(-1)?.data.image.tag, '4.1.0', 'the refused webhook is stored once the stream has room');
  });

  it('bounds its answer and its log line for any body and any number of Tracks', async () => {
    const many = subscribed(...Array.from({ length: 200 }, (_, at) => `track-${at}`));
    const crowded = await startServer(
      {
        senders: [dockerHub],
        secrets: { of: async () => named('any') },
        ...{ tracks: many, storage, judge: judgeOpenings(bus, log), now, log },
        bodyLimit: 800_000,
        metrics: createMetrics(new Registry()),
      },
      0,
      '127.0.0.1',
    );
    const send = async (repo_name: string, tag: string) => {
      const from = logged.length;
      const body = JSON.stringify({ push_data: { tag }, repository: { repo_name } });
      const headers = { 'content-type': 'application/json' };
      const url = `http://127.0.0.1:${crowded.port}/webhooks/dockerhub/any`;
      const response = await fetch(url, { method: 'POST', body, headers });
      const text = await response.text();
      return { status: response.status, text, answer: text.length, line: logged.slice(from).join().length };
    };
    try {
      const huge = await send('a/'.repeat(350_000), '1.0.0');
      assert.deepEqual([huge.status, huge.answer < 300, huge.line < 500], [400, true, true], JSON.stringify(huge));
      const unknown = await send(`acme/${'a'.repeat(230)}`, '1.0.0');
      assert.deepEqual([unknown.status, unknown.answer < 500, unknown.line < 1_000], [200, true, true]);
      const refused = await send('acme/storefront', 'latest');
      assert.deepEqual([refused.status, refused.answer < 300, refused.line < 1_000], [200, true, true]);
      assert.doesNotMatch(refused.text, /track-/);
      const opened = await send('acme/storefront', '4.2.0');
      assert.deepEqual([opened.status, opened.answer < 3_000, opened.line < 1_000], [202, true, true]);
      assert.match(opened.text, /"more":180}$/);
    } finally {
      await crowded.close();
    }
  });

  it('counts the outcome of each webhook', async () => {
    await post(tagged('5.0.0'));
    await post(tagged('latest'));
    await post(captured, { path: 'dockerhub/wrong' });
    const counted = await metrics.getSingleMetric('k8sta_ingest_webhooks_total')?.get();
    assert.deepEqual(
      counted?.values.map(({ labels, value }) => [labels['sender'], labels['outcome'], value]),
      [
        ['dockerhub', 'opened', 1],
        ['dockerhub', 'notSubscribed', 1],
        ['unknown', 'notFound', 1],
      ],
    );
    assert.match(await metrics.metrics(), /k8sta_ingest_request_seconds_count\{outcome="opened"\} 1/);
  });

  it('answers the requests in flight before it closes, and accepts no new ones', async () => {
    const socket = openSocket(server.port, '127.0.0.1');
    const body = tagged('6.0.0');
    const head = `POST /webhooks/dockerhub/${secret} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    await new Promise<void>((resolve) => {
      socket.write(`${head}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`);
      socket.once('data', () => resolve());
    });
    const closed = server.close();
    socket.write(body);
    assert.match(await text(socket), /^HTTP\/1.1 202 .*\r\nConnection: close\r\n/is);
    await closed;
    await assert.rejects(post(captured));
  });

  it('never answers 5xx to any body', async () => {
    const type = fc.constantFrom('application/json', 'application/json; charset=x', 'text/plain', '\u00e9');
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('acme/storefront', '1.0.0', 'latest'));
    const near = fc.record({
      push_data: fc.record({ tag: value, pushed_at: value }),
      repository: fc.record({ repo_name: value }),
    });
    const body = fc.oneof(
      fc.uint8Array(),
      fc.string(),
      near.map((each) => JSON.stringify(each)),
      value.map((each) => JSON.stringify(each)),
    );
    await fc.assert(
      fc.asyncProperty(body, type, async (posted, contentType) => {
        const { status } = await post(posted, { headers: { 'content-type': contentType } });
        assert.ok([200, 202, 400, 415].includes(status), String(status));
      }),
      { numRuns: 300 },
    );
  });
});
