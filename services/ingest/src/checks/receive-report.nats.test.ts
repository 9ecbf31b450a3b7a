import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bus } from '@k8sta/bus';
import { stateKey } from '@k8sta/contracts';
import {
  type Issuer,
  type NatsServer,
  startIssuer,
  startNats,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import type { Registry } from 'prom-client';
import { EndpointStage } from '../endpoint.fixture.js';
import { openSecrets } from '../secrets.js';
import type { WebhookServer } from '../server.js';
import { checkedTicket, checkedTracks, ticketIn } from './check.fixture.js';
import { reporters } from './reporters.js';

const secret = 'a-secret-that-nobody-may-see';
const ofLoadTests = 'another-secret-for-load-tests';
const report = { track: 'storefront', ticket: checkedTicket, station: 'prod', name: 'smoke', outcome: 'passed' };
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const subject = 'repo:acme/storefront:environment:stage';

describe('the endpoint for reports of checks', () => {
  let stage: EndpointStage;
  let nats: NatsServer;
  let issuer: Issuer;
  let directory: TemporaryDirectory;
  let bus: Bus;
  /** May use everything on the bus. */
  let others: Bus;
  let server: WebhookServer;
  let metrics: Registry;
  let logged: string[];

  const open = async (rate = 0) => {
    const secrets = await openSecrets({
      ...{
        variable: 'K8STA_CHECK_SECRETS',
        directory: directory.path,
        senders: reporters,
        log: stage.log,
        mayBeEmpty: true,
      },
    });
    return stage.open(
      { tracks: checkedTracks, bodyLimit: 1024 * 1024, checks: { senders: reporters, secrets, bus } },
      rate,
    );
  };
  const put = (ticket = ticketIn()) =>
    others.state.replace(stateKey.ticket(ticket.track, ticket.id), JSON.stringify(ticket), 0);

  before(async () => {
    issuer = await startIssuer();
    directory = await temporaryDirectory('checks');
    const trust = { issuer: issuer.url, audience: 'k8sta', claims: { repository: 'acme/storefront' } };
    await writeFile(join(directory.path, 'generic.smoke'), `${secret}\n`);
    const limited = { secret: ofLoadTests, tracks: ['storefront'], checks: ['load'] };
    await writeFile(join(directory.path, 'generic.load'), JSON.stringify(limited));
    await writeFile(join(directory.path, 'generic-oidc'), JSON.stringify(trust));
  });
  after(async () => {
    await issuer.stop();
    await directory.remove();
  });
  beforeEach(async () => {
    stage = await EndpointStage.start();
    ({ nats, bus, others, logged, metrics } = stage);
    server = await open();
  });
  afterEach(async () => {
    await server.close();
    await stage.stop(new RegExp(`${secret}|${ofLoadTests}`));
    await nats.stop();
  });

  const send = async (path: string, body: string, headers: Record<string, string>, method = 'POST') => {
    const init = method === 'GET' ? { headers } : { method, body, headers };
    const answer = await fetch(`http://127.0.0.1:${server.port}/checks/${path}`, init);
    return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Record<string, unknown> };
  };
  const sign = (body: string, key = secret) => ({
    'X-Signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
  });
  const post = (change: object = {}, key = secret) => {
    const body = JSON.stringify({ ...report, ...change });
    return send('generic', body, { traceparent, ...sign(body, key) });
  };
  const words = () => others.since('operator.word', { track: 'storefront', verb: 'check' }, new Date(0));

  it('answers 202 once JetStream holds the word, which names the secret', async () => {
    await put();
    const { status, json } = await post({ message: 'all 42 tests\npassed' });
    assert.equal(status, 202);
    assert.deepEqual(json, report);
    const [word = assert.fail('no word')] = await words();
    const { at, ...data } = word.data;
    assert.deepEqual(data, { ...report, verb: 'check', by: 'generic.smoke:1', message: 'all 42 tests passed' });
    assert.ok(Date.parse(at) <= Date.now());
    assert.equal(word.traceparent, traceparent);
    assert.match(logged.join(), /"report of a check",\{"route":"\/checks\/generic".*"outcome":"reported"/);
    assert.match(await metrics.metrics(), /webhooks_total\{sender="checks\/generic",outcome="reported"\} 1/);
  });

  it('stores a report that is repeated once, also at another replica, and another report beside it', async () => {
    await put();
    assert.equal((await post()).status, 202);
    const { status, json } = await post();
    assert.deepEqual([status, json], [200, report]);
    await server.close();
    server = await open();
    assert.equal((await post()).status, 200);
    assert.equal((await words()).length, 1);
    assert.equal((await post({ message: 'the second run' })).status, 202);
    assert.equal((await post({ outcome: 'failed' })).status, 202);
    assert.equal((await words()).length, 3);
  });

  it('accepts the OIDC token of a job, and names its issuer and subject', async () => {
    await put();
    const claims = { aud: 'k8sta', repository: 'acme/storefront', sub: subject };
    const as = async (change: object) => ({ authorization: `Bearer ${await issuer.token({ ...claims, ...change })}` });
    const body = JSON.stringify(report);
    assert.equal((await send('generic-oidc', body, await as({ repository: 'eve/storefront' }))).status, 404);
    assert.equal((await send('generic-oidc', body, await as({}))).status, 202);
    const long = `\ue000${'x'.repeat(400)}`;
    assert.equal((await send('generic-oidc', `${body} `, await as({ sub: long }))).status, 202);
    const by = (await words()).map(({ data }) => data.by);
    assert.equal(by[0], `${issuer.url}/${subject}`);
    assert.equal(by[1]?.length, 128);
  });

  it('answers a stranger 404 whatever is wrong, and stores nothing', async () => {
    await put();
    const body = JSON.stringify(report);
    for (const [path, headers] of [
      ['generic', sign(body, 'a-secret-of-somebody-else')],
      ['generic', sign(`${body} `)],
      ['generic', {}],
      ['generic-oidc', { authorization: 'Bearer a.b.c' }],
      ['dockerhub', sign(body)],
      [`generic/${secret}`, {}],
    ] as const) {
      const { status, json } = await send(path, body, headers);
      assert.deepEqual([status, json], [404, { error: 'not found' }], path);
    }
    assert.deepEqual(await words(), []);
    assert.match(logged.join('\n'), /the signature is wrong/);
  });

  it('answers 403 to a secret that may report only another check, before it says what exists', async () => {
    await put();
    const { status, json } = await post({}, ofLoadTests);
    assert.equal(status, 403);
    assert.match(String(json['error']), /the check "smoke" are not allowed/);
    assert.equal((await post({ track: 'unknown', name: 'load' }, ofLoadTests)).status, 403);
    assert.equal((await post({ name: 'load' }, ofLoadTests)).status, 422);
    assert.deepEqual(await words(), []);
  });

  it('answers 422 to an unknown check, 404 to an unknown Ticket and 409 to one that does not wait', async () => {
    const refusal = async (change: object = {}) => {
      const { status, json } = await post(change);
      return [status, json['reason']];
    };
    assert.deepEqual(await refusal({ track: 'billing' }), [422, 'TrackUnknown']);
    assert.deepEqual(await refusal({ station: 'moon' }), [422, 'StationUnknown']);
    assert.deepEqual(await refusal({ name: 'load' }), [422, 'CheckUnknown']);
    await put(ticketIn({ is: 'completed' }));
    assert.deepEqual(await refusal({ ticket: '0'.repeat(16) }), [404, 'TicketUnknown']);
    assert.deepEqual(await refusal(), [409, 'TicketOver']);
    assert.deepEqual(await words(), []);
  });

  it('answers 400 to what is not exactly a report, and says what is wrong', async () => {
    for (const [change, message] of [
      [{ outcome: 'ok' }, /^outcome: /],
      [{ ticket: 'a.>' }, /^ticket: must be the whole id/],
      [{ ticket: 'x'.repeat(65) }, /^ticket: /],
      [{ track: '*' }, /^track: must be a DNS label/],
      [{ message: 'x'.repeat(1_001) }, /^message: /],
      [{ by: 'alice' }, /"by"/],
    ] as const) {
      const { status, json } = await post(change);
      assert.equal(status, 400);
      assert.match(String(json['error']), message);
    }
    const large = await post({ message: 'x'.repeat(20_000) });
    assert.equal(large.status, 413);
    const text = await send('generic', 'passed', sign('passed'));
    assert.equal(text.status, 400);
  });

  it('answers 405 to a method other than POST, and 429 beyond the rate', async () => {
    await put();
    await server.close();
    server = await open(1);
    const body = JSON.stringify(report);
    assert.equal((await send('generic', body, sign(body), 'PUT')).status, 405);
    const answers = [await post(), await post(), await post()];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 200, 429],
    );
    assert.equal(answers[2]?.headers.get('retry-after'), '1');
    assert.match(String(answers[2]?.json['error']), /too many reports/);
  });

  it('answers 503 while NATS is down, and never 202', async () => {
    await put();
    await nats.stop();
    const { status, headers } = await post();
    assert.equal(status, 503);
    assert.equal(headers.get('retry-after'), '5');
    nats = await startNats();
  }).timeout(20_000);
});
