import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Log } from '@k8sta/bus';
import { Registry } from 'prom-client';
import { createMetrics } from './metrics.js';
import { dockerHub } from './senders/dockerhub.js';
import { named } from './senders/proven.fixture.js';
import { startServer, type WebhookServer } from './server.js';

const secret = 'a-secret-that-nobody-may-see';
const bodyLimit = 1024;

describe('the webhook endpoint, on bare connections', () => {
  let server: WebhookServer;
  let metrics: Registry;
  let logged: string[];
  const say = (fields: object) => void logged.push(JSON.stringify(fields));
  const log: Log = { debug() {}, info: say, warn: say, error: say };

  const start = (requestTimeoutMs = 30_000) =>
    startServer(
      {
        senders: [dockerHub],
        secrets: { of: async () => named(secret) },
        tracks: [],
        storage: { store: async () => new Map() },
        judge: async () => [],
        now: () => new Date(),
        ...{ bodyLimit, log, metrics: createMetrics(metrics), requestTimeoutMs },
      },
      0,
      '127.0.0.1',
    );
  beforeEach(async () => {
    logged = [];
    metrics = new Registry();
    server = await start();
  });
  afterEach(async () => {
    await server.close();
    assert.ok(!logged.join().includes(secret), 'the secret was logged');
  });

  const open = () => connect(server.port, '127.0.0.1');
  const head = (path: string, ...headers: string[]) =>
    [`POST /webhooks/dockerhub/${path} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...headers, '', ''].join(
      '\r\n',
    );
  /** What the server answers until it closes the connection; the client leaves its side open. */
  const answerTo = (words: string) => {
    const socket = open();
    socket.write(words);
    return text(socket);
  };
  const outcomes = async () => {
    const counted = await metrics.getSingleMetric('k8sta_ingest_webhooks_total')?.get();
    return counted?.values.map(({ labels, value }) => [labels['sender'], labels['outcome'], value]);
  };
  /** Writes until the connection ends, and returns how many bytes the server's side took. */
  const pour = async (socket: Socket, chunk: string): Promise<number> => {
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    // Otherwise the answer is never read, and the end of the connection never seen.
    socket.resume();
    let isOpen = true;
    void closed.then(() => {
      isOpen = false;
    });
    while (isOpen) {
      if (!socket.write(chunk)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
    }
    return socket.bytesWritten - socket.writableLength;
  };

  it('does not read an endless body that comes with a wrong secret', async () => {
    const socket = open();
    socket.write(head('wrong', 'Transfer-Encoding: chunked'));
    const taken = await pour(socket, `10000\r\n${'x'.repeat(65_536)}\r\n`);
    // The buffers of both sides hold this much.
    assert.ok(taken < 20 * 1024 * 1024, `${taken} bytes`);
    assert.deepEqual(await outcomes(), [['unknown', 'notFound', 1]]);
  });

  it('stops reading an endless body at the limit, even with the right secret', async () => {
    const socket = open();
    socket.write(head(secret, 'Transfer-Encoding: chunked'));
    const taken = await pour(socket, `10000\r\n${'x'.repeat(65_536)}\r\n`);
    assert.ok(taken < 20 * 1024 * 1024, `${taken} bytes`);
    assert.deepEqual(await outcomes(), [['dockerhub', 'tooLarge', 1]]);
  });

  it('closes the connection after 404 and 413, whether there is a body or not', async () => {
    for (const words of [`${head('wrong', 'Content-Length: 2')}{}`, `GET / HTTP/1.1\r\nHost: x\r\n\r\n`]) {
      assert.match(await answerTo(words), /^HTTP\/1.1 404 [\s\S]*\r\nConnection: close\r\n/);
    }
    const large = await answerTo(head(secret, `Content-Length: ${bodyLimit + 1}`));
    assert.match(large, /^HTTP\/1.1 413 [\s\S]*\r\nConnection: close\r\n/);
  });

  it('asks a waiting client for its body only if it is authenticated and announces an allowed length', async () => {
    const wrong = await answerTo(head('wrong', 'Expect: 100-continue', 'Content-Length: 2'));
    assert.match(wrong, /^HTTP\/1.1 404 /);
    const large = await answerTo(head(secret, 'Expect: 100-continue', `Content-Length: ${bodyLimit + 1}`));
    assert.match(large, /^HTTP\/1.1 413 /);
    const socket = open();
    socket.write(head(secret, 'Expect: 100-continue', 'Content-Length: 2', 'Connection: close'));
    const [asked] = (await once(socket, 'data')) as [Buffer];
    assert.equal(asked.toString(), 'HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('{}');
    assert.match(await text(socket), /^HTTP\/1.1 400 /, 'the body was read');
  });

  it('answers, counts and logs a request that Node refuses by itself', async () => {
    const large = 'x'.repeat(20_000);
    const chunked = head(secret, 'Transfer-Encoding: chunked');
    const refused: [words: string, status: number, outcome: string][] = [
      ['\0\0\0\r\n\r\n', 400, 'malformed'],
      ['GET / HTTP/1.1\r\n\r\n', 400, 'malformed'],
      [`${chunked}no chunk\r\n`, 400, 'malformed'],
      [`${chunked}1;${large}\r\nx\r\n0\r\n\r\n`, 413, 'chunksTooLarge'],
      [head('wrong', 'Expect: a-miracle', 'Content-Length: 2'), 417, 'expectationFailed'],
      [head('wrong', `X: ${large}`), 431, 'headersTooLarge'],
    ];
    for (const [words, status, outcome] of refused) {
      metrics.resetMetrics();
      logged = [];
      const answer = await answerTo(words);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} [A-Z]`), outcome);
      const [top = '', body = ''] = answer.split('\r\n\r\n');
      assert.match(top, /^content-type: application\/json/im, outcome);
      assert.equal(typeof JSON.parse(body).error, 'string', outcome);
      assert.deepEqual(
        (await outcomes())?.map(([, counted, value]) => [counted, value]),
        [[outcome, 1]],
      );
      assert.equal(logged.length, 1);
      assert.ok(logged[0]?.includes(`"outcome":"${outcome}"`) && logged[0].length < 500, logged[0]);
    }
  });

  it('answers 408 to headers, and to a body, that do not arrive in time', async () => {
    await server.close();
    metrics = new Registry();
    server = await start(200);
    assert.match(await answerTo('POST / HTTP/1.1\r\nHost'), /^HTTP\/1.1 408 [\s\S]*"error"/);
    assert.match(await answerTo(`${head(secret, 'Content-Length: 2')}{`), /^HTTP\/1.1 408 [\s\S]*"error"/);
    assert.deepEqual(await outcomes(), [
      ['unknown', 'timedOut', 1],
      ['dockerhub', 'timedOut', 1],
    ]);
  });

  it('does not count a connection that breaks before it sends anything', async () => {
    const socket = open();
    await once(socket, 'connect');
    socket.resetAndDestroy();
    await answerTo('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.deepEqual(await outcomes(), [['unknown', 'notFound', 1]]);
  });
});
