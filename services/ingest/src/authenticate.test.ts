import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Log } from '@k8sta/bus';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { Registry } from 'prom-client';
import { createMetrics } from './metrics.js';
import { openSecrets } from './secrets.js';
import { dockerHub } from './senders/dockerhub.js';
import { hmac, literalHeader } from './senders/proof.js';
import type { Sender } from './senders/sender.js';
import { startServer, type WebhookServer } from './server.js';

const one = 'one-secret-of-enough-characters';
const two = 'two-secret-of-enough-characters';
const bodyLimit = 64 * 1024;
const body = JSON.stringify({ push_data: { tag: '1.0.0' }, repository: { repo_name: 'acme/app' } });

/** Signs its bodies, as GitHub does, and posts a ping first. No sender of K8sTA does so yet. */
const signer: Sender = {
  name: 'signer',
  proof: hmac('X-Hub-Signature-256', { algorithm: 'sha256', prefix: 'sha256=', encoding: 'hex' }),
  read: (headers, bytes, receivedAt) =>
    headers['x-event'] === 'ping' ? { ignored: 'a ping' } : dockerHub.read(headers, bytes, receivedAt),
};
/** Sends a header that is configured there, as Harbor does. */
const bearer: Sender = { ...dockerHub, name: 'bearer', proof: literalHeader('Authorization') };

const signature = (bytes: string, secret = one) =>
  `X-Hub-Signature-256: sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;

describe('the authentication of a sender, over a socket', () => {
  let directory: TemporaryDirectory;
  let server: WebhookServer;
  let metrics: Registry;
  let logged: { outcome?: string; route?: string; message?: string }[];
  const say = (fields: object) => void logged.push(fields);
  const log: Log = { debug() {}, info: say, warn: say, error: say };
  const secretsOf = (sender: string, ...secrets: string[]) =>
    writeFile(join(directory.path, sender), secrets.join('\n'));

  beforeEach(async () => {
    directory = await temporaryDirectory('authenticate');
    await secretsOf('signer', one, two);
    await secretsOf('bearer', `Bearer ${one}`, `Bearer ${two}`);
    metrics = new Registry();
    logged = [];
    const senders = [signer, bearer, dockerHub];
    server = await startServer(
      {
        ...{ senders, tracks: [], storage: { store: async () => new Map() }, judge: async () => [] },
        secrets: await openSecrets({ variable: 'K8STA_X', directory: directory.path, senders, log }),
        ...{ now: () => new Date(), bodyLimit, log, metrics: createMetrics(metrics), unprovenBytes: 2 * bodyLimit },
      },
      0,
      '127.0.0.1',
    );
    logged = [];
  });
  afterEach(async () => {
    await server.close();
    await directory.remove();
    assert.doesNotMatch(JSON.stringify(logged), new RegExp(`${one}|${two}`), 'a secret was logged');
  });

  const head = (path: string, ...headers: string[]) =>
    [`POST /webhooks/${path} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...headers, '', ''].join('\r\n');
  const send = (words: string): Socket => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(words);
    return socket;
  };
  const post = async (path: string, headers: readonly string[], posted = body) => {
    const length = `Content-Length: ${Buffer.byteLength(posted)}`;
    const answer = await text(send(`${head(path, length, 'Connection: close', ...headers)}${posted}`));
    const status = Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]);
    return { status, json: JSON.parse(answer.split('\r\n\r\n')[1] ?? '') };
  };
  const statusOf = async (...request: Parameters<typeof post>) => (await post(...request)).status;
  const counted = async () => {
    const metric = await metrics.getSingleMetric('k8sta_ingest_webhooks_total')?.get();
    return metric?.values.map(({ labels, value }) => [labels['sender'], labels['outcome'], value]);
  };

  it('accepts a body that any of the secrets signed, and refuses one that was changed', async () => {
    assert.equal(await statusOf('signer', [signature(body, one)]), 200);
    assert.equal(await statusOf('signer', [signature(body, two)]), 200);
    assert.equal(await statusOf('signer', [signature(body, 'another-secret-of-our-own')]), 404);
    assert.equal(await statusOf('signer', [signature(body)], body.replace('1.0.0', '1.0.1')), 404);
    assert.deepEqual(await counted(), [
      ['signer', 'notSubscribed', 2],
      ['unknown', 'notFound', 2],
    ]);
    assert.deepEqual(
      logged.map(({ route }) => route),
      Array.from({ length: 4 }, () => '/webhooks/signer'),
    );
    assert.equal(logged.at(-1)?.message, 'the signature is wrong');
  });

  it('verifies the raw bytes, before it looks at their content', async () => {
    const spaced = ` ${body}\n`;
    assert.equal(await statusOf('signer', [signature(spaced)], spaced), 200);
    assert.equal(await statusOf('signer', [signature(body)], spaced), 404);
    assert.equal(await statusOf('signer', [signature('not JSON', 'another-secret-of-our-own')], 'not JSON'), 404);
    assert.equal(await statusOf('signer', [signature('not JSON')], 'not JSON'), 400);
    assert.equal(await statusOf('signer', ['Content-Encoding: gzip', signature(body)]), 415);
  });

  it('accepts a header whose whole value is one of the secrets', async () => {
    assert.equal(await statusOf('bearer', [`Authorization: Bearer ${one}`]), 200);
    assert.equal(await statusOf('bearer', [`authorization: Bearer ${two}`]), 200);
    const wrong = [[], [`Authorization: ${one}`], [`Authorization: bearer ${one}`], [`Authorization: Bearer ${one}x`]];
    for (const headers of wrong) assert.equal(await statusOf('bearer', headers), 404, headers[0]);
    assert.deepEqual(logged.at(-1), {
      ...{ ...logged.at(-1), route: '/webhooks/bearer', outcome: 'notFound' },
      message: 'the header that proves the sender has another value',
    });
  });

  it('accepts a proof only where its sender puts it', async () => {
    const wrong: Parameters<typeof post>[] = [
      [`signer/${one}`, []],
      ['signer', [`Authorization: Bearer ${one}`]],
      [`bearer/${one}`, [`Authorization: Bearer ${one}`]],
      ['bearer', [signature(body)]],
      ['dockerhub', [`Authorization: Bearer ${one}`, signature(body)]],
      ['unheard-of', [signature(body)]],
    ];
    for (const [path, headers] of wrong) {
      assert.deepEqual(await post(path, headers), { status: 404, json: { error: 'not found' } }, path);
    }
  });

  it('refuses a secret from the request on after it is removed, even while its body arrives', async () => {
    await secretsOf('bearer', `Bearer ${two}`);
    assert.equal(await statusOf('bearer', [`Authorization: Bearer ${one}`]), 404);
    const slow = send(head('signer', `Content-Length: ${body.length}`, 'Expect: 100-continue', signature(body)));
    await once(slow, 'data');
    await secretsOf('signer', two);
    slow.write(body);
    assert.match(await text(slow), /^HTTP\/1.1 404 /);
    assert.equal(await statusOf('signer', [signature(body, two)]), 200);
  });

  it('closes a sender that has no file of secrets', async () => {
    assert.equal(await statusOf(`dockerhub/${one}`, []), 404);
    await secretsOf('dockerhub', one);
    assert.equal(await statusOf(`dockerhub/${one}`, []), 200);
  });

  it('asks for no body that presents no signature or announces too much', async () => {
    const asks = ['Expect: 100-continue', `Content-Length: ${body.length}`];
    assert.match(await text(send(head('signer', ...asks))), /^HTTP\/1.1 404 /);
    assert.match(await text(send(head('signer', ...asks, 'X-Hub-Signature-256: sha256=00'))), /^HTTP\/1.1 404 /);
    await secretsOf('signer');
    assert.match(await text(send(head('signer', ...asks, signature(body)))), /^HTTP\/1.1 404 /);
    await secretsOf('signer', one);
    const large = ['Expect: 100-continue', `Content-Length: ${bodyLimit + 1}`, signature(body)];
    assert.match(await text(send(head('signer', ...large))), /^HTTP\/1.1 413 [\s\S]*\r\nConnection: close\r\n/);
    assert.deepEqual(await counted(), [
      ['unknown', 'notFound', 3],
      ['unknown', 'tooLarge', 1],
    ]);
  });

  it('bounds what the bodies of strangers hold together, and takes bodies again once they are gone', async () => {
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    // Each holds 64 KiB of the 128 KiB, and never ends its body.
    const strangers = Array.from({ length: 3 }, () =>
      send(`${head('signer', 'Transfer-Encoding: chunked', signature(body))}${chunk}${chunk}`),
    );
    const closed = strangers.map((socket) => once(socket, 'close'));
    const [refused] = await Promise.race(strangers.map((socket) => once(socket, 'data')));
    assert.match(String(refused), /^HTTP\/1.1 503 [\s\S]*\r\nConnection: close\r\n[\s\S]*post it again/);
    assert.equal(await statusOf('bearer', [`Authorization: Bearer ${one}`]), 200, 'needs no body for its proof');
    for (const socket of strangers) socket.destroy();
    await Promise.all(closed);
    const accepted = async (): Promise<number> => {
      const status = await statusOf('signer', [signature(body)]);
      return status === 503 ? accepted() : status;
    };
    assert.equal(await accepted(), 200);
    assert.ok((await counted())?.some(([sender, outcome]) => sender === 'unknown' && outcome === 'tooBusy'));
  });

  it('answers 200 to an authenticated webhook that announces no image', async () => {
    const { status, json } = await post('signer', ['X-Event: ping', signature(body)]);
    assert.deepEqual([status, json], [200, { tickets: [], message: 'a ping' }]);
    assert.deepEqual(await counted(), [['signer', 'ignored', 1]]);
    assert.equal(await statusOf('signer', ['X-Event: ping']), 404);
  });

  it('answers 405 only to an authenticated sender', async () => {
    const get = (...headers: string[]) =>
      text(send(head('signer', 'Connection: close', ...headers).replace('POST', 'GET')));
    assert.match(await get(signature('')), /^HTTP\/1.1 405 /);
    assert.match(await get(signature(body)), /^HTTP\/1.1 404 /);
    assert.match(await get(), /^HTTP\/1.1 404 /);
  });
});
