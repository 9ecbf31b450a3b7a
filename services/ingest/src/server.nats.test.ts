import assert from 'node:assert/strict';
import { connect as openSocket } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { named } from './senders/proven.fixture.js';
import { bodyLimit, captured, secret, subscribed, tagged, WebhookEndpoint } from './webhook-endpoint.fixture.js';

describe('the webhook endpoint', () => {
  const endpoint = new WebhookEndpoint();
  const { address, post } = endpoint;

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
    const [first = ''] = endpoint.stage.logged;
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
      const socket = openSocket(endpoint.server.port, '127.0.0.1');
      socket.end(words);
      return text(socket);
    };
    const head = `POST /webhooks/dockerhub/${secret} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    await talk(`${head}Content-Length: 100\r\n\r\n{`);
    assert.match(await talk('\0\0\0\r\n\r\n'), /^HTTP\/1.1 400 /);
    assert.match(await talk('GET http://[x/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 404 /);
    assert.equal((await post(tagged('3.0.0'))).status, 202);
  });

  it('bounds its answer and its log line for any body and any number of Tracks', async () => {
    const many = subscribed(...Array.from({ length: 200 }, (_, at) => `track-${at}`));
    const secrets = { of: async () => named('any') };
    const crowded = await endpoint.open({ tracks: many, secrets, bodyLimit: 800_000 });
    const send = async (repo_name: string, tag: string) => {
      const from = endpoint.stage.logged.length;
      const body = JSON.stringify({ push_data: { tag }, repository: { repo_name } });
      const headers = { 'content-type': 'application/json' };
      const url = `http://127.0.0.1:${crowded.port}/webhooks/dockerhub/any`;
      const response = await fetch(url, { method: 'POST', body, headers });
      const text = await response.text();
      return {
        status: response.status,
        text,
        answer: text.length,
        line: endpoint.stage.logged.slice(from).join().length,
      };
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

  it('answers the requests in flight before it closes, and accepts no new ones', async () => {
    const socket = openSocket(endpoint.server.port, '127.0.0.1');
    const body = tagged('6.0.0');
    const head = `POST /webhooks/dockerhub/${secret} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    await new Promise<void>((resolve) => {
      socket.write(`${head}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`);
      socket.once('data', () => resolve());
    });
    const closed = endpoint.server.close();
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
