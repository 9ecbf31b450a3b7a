import assert from 'node:assert/strict';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Log } from '@k8sta/bus';
import type { BusEvent } from '@k8sta/contracts';
import { type Issuer, startIssuer } from '@k8sta/sandbox';
import { Registry } from 'prom-client';
import { createMetrics } from './metrics.js';
import { RateLimit } from './rate-limit.js';
import { senders } from './senders/index.js';
import { named, prove } from './senders/proven.fixture.js';
import { fixture, fixturesOf } from './senders/sender.fixture.js';
import type { Sender } from './senders/sender.js';
import { startServer, type WebhookServer } from './server.js';
import { tracksOf, written } from './tracks.fixture.js';

const secret = 'a-secret-that-nobody-may-see';
const registries = new Map([['nexus/docker-hosted', 'registry.example.com:8082']]);
const email = 'push@acme.iam.gserviceaccount.com';
const repositories = [
  ...[
    'docker.io/acme/storefront',
    'ghcr.io/acme/storefront',
    'quay.io/acme/storefront',
    'harbor.example.com/acme/storefront',
  ],
  ...['registry.example.com:5000/acme/storefront', 'registry.gitlab.example.com/acme/shop/storefront'],
  ...['123456789012.dkr.ecr.eu-central-1.amazonaws.com/acme/storefront', 'acme.azurecr.io/acme/storefront'],
  ...['europe-docker.pkg.dev/acme/images/storefront', 'registry.example.com:8082/acme/storefront'],
  'acme.jfrog.io/docker-local/acme/storefront',
];

const tracks = tracksOf({ tracks: [written('storefront', ...repositories)] });
const senderOf = (name: string) => senders.find((each) => each.name === name) ?? assert.fail();
const isOidc = ({ proof }: Sender) => proof.kind === 'oidcToken';

describe('every sender, over a socket', () => {
  let issuer: Issuer;
  let server: WebhookServer;
  let stored: BusEvent[];
  let logged: { outcome?: string; message?: string; route?: string; faults?: string[] }[];
  let lines: readonly string[];
  const say = (fields: object) => void logged.push(fields);
  const log: Log = { debug() {}, info: say, warn: say, error: say };

  const start = (rateLimit?: RateLimit) =>
    startServer(
      {
        senders,
        secrets: {
          of: async (name) => (isOidc(senderOf(name)) ? named(...lines) : named(secret)),
        },
        tracks,
        storage: {
          store: async (received, opened) => {
            stored.push(...(received ? [received] : []), ...opened);
            return new Map();
          },
        },
        judge: async (openings) => [...openings],
        ...{ now: () => new Date(), bodyLimit: 64 * 1024, log, metrics: createMetrics(new Registry()), registries },
        ...(rateLimit && { rateLimit }),
      },
      0,
      '127.0.0.1',
    );

  before(async () => {
    issuer = await startIssuer();
  });
  after(() => issuer.stop());
  beforeEach(async () => {
    stored = [];
    logged = [];
    lines = [
      JSON.stringify({ issuer: issuer.url, audience: 'k8sta', claims: { email } }),
      JSON.stringify({ issuer: issuer.url, audience: 'k8sta', claims: { repository: 'acme/storefront' } }),
    ];
    server = await start();
  });
  afterEach(async () => {
    await server.close();
    issuer.behave('well');
    assert.ok(!JSON.stringify(logged).includes(secret), 'the secret was logged');
    assert.doesNotMatch(JSON.stringify(logged), /eyJ/, 'a token was logged');
  });

  const token = () => issuer.token({ aud: 'k8sta', email, email_verified: true, repository: 'acme/storefront' });
  const post = async (path: string, headers: object, body: Uint8Array) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, method: 'POST', headers: { ...headers } });
    const answered = new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve).on('error', reject);
    });
    sent.end(body);
    const answer = await answered;
    return {
      status: answer.statusCode,
      headers: answer.headers,
      json: (await json(answer)) as Record<string, unknown>,
    };
  };
  const postAs = async (sender: Sender, name: string, { by = secret, as = token } = {}) => {
    const { headers, bytes } = fixture(sender.name, name);
    const proven = prove(sender, by, bytes, isOidc(sender) ? await as() : undefined);
    return post(proven.path, { ...headers, ...proven.headers }, bytes);
  };

  for (const sender of senders) {
    it(`opens a Ticket for a push that ${sender.name} proves, and answers the others with a reason`, async () => {
      for (const name of fixturesOf(sender.name)) {
        const { status, json } = await postAs(sender, name);
        const { tickets = [] } = json as { tickets?: { image: string }[] };
        if (status === 202) assert.match(tickets[0]?.image ?? '', /storefront:1\.4\.2$/, name);
        else assert.equal(status, 200, `${name}: ${JSON.stringify(json)}`);
        if (status === 200) assert.ok('message' in json || 'validationResponse' in json, name);
      }
      const opened = stored.filter(({ type }) => type === 'ticket.opened');
      assert.ok(opened.length > 0);
      assert.equal(new Set(opened.map(({ id }) => id)).size, 1, 'one push is one Ticket');
    });

    it(`stores nothing of what ${sender.name} does not prove`, async () => {
      const forged = () => issuer.token({ aud: 'k8sta', email, email_verified: true }, { forged: true });
      const other = () => issuer.token({ aud: 'k8sta', email: 'eve@example.com', repository: 'eve/app' });
      for (const name of fixturesOf(sender.name)) {
        const { headers, bytes } = fixture(sender.name, name);
        for (const as of isOidc(sender) ? [forged, other] : [token]) {
          const { status, json } = await postAs(sender, name, { by: 'another-secret-of-somebody', as });
          assert.equal(status, 404, name);
          assert.deepEqual(json, { error: 'not found' });
        }
        assert.equal((await post(`/webhooks/${sender.name}`, headers, bytes)).status, 404);
      }
      assert.deepEqual(stored, []);
    });
  }

  it('answers 503 while the keys of an issuer cannot be had, so that the sender posts again', async () => {
    await server.close();
    server = await start();
    issuer.behave('fails');
    const { status, headers, json } = await postAs(senderOf('gar'), 'push');
    assert.equal(status, 503);
    assert.equal(headers['retry-after'], '5');
    assert.deepEqual(json, { error: 'the token cannot be verified now; post it again' });
    assert.equal(logged.at(-1)?.message, 'the issuer has no OpenID configuration');
    assert.deepEqual(stored, []);
  });

  it('demands a verified address of a Google account', async () => {
    const unverified = () => issuer.token({ aud: 'k8sta', email, email_verified: false });
    assert.equal((await postAs(senderOf('gar'), 'push', { as: unverified })).status, 404);
    assert.equal(logged.at(-1)?.message, 'the token has another value of email_verified, repository');
  });

  it('answers and logs what it does not understand of a batch', async () => {
    const sender = senderOf('distribution');
    const bytes = Buffer.from(JSON.stringify({ events: [{}, ...fixture('distribution', 'push').json.events] }));
    const { path, headers } = prove(sender, secret, bytes);
    const { status, json } = await post(path, { 'content-type': 'application/json', ...headers }, bytes);
    assert.equal(status, 202);
    assert.deepEqual(json['faults'], ['events[0] is not an event']);
    assert.deepEqual(logged.at(-1)?.faults, ['events[0] is not an event']);
  });

  it('answers 429 with the seconds to wait if a sender posts too much, and not another sender', async () => {
    await server.close();
    server = await start(new RateLimit(0.1, 2));
    const [ghcr, quay] = [senderOf('ghcr'), senderOf('quay')];
    const statuses = [];
    for (let time = 0; time < 3; time++) statuses.push((await postAs(ghcr, 'package')).status);
    assert.deepEqual(statuses, [202, 202, 429]);
    const { headers, json } = await postAs(ghcr, 'package');
    assert.match(headers['retry-after'] ?? '', /^([1-9]|10)$/);
    assert.deepEqual(json, { error: 'the sender posts too many webhooks; post it again later' });
    assert.equal((await postAs(quay, 'push')).status, 202);
    const stranger = await postAs(ghcr, 'package', { by: 'another-secret-of-somebody' });
    assert.equal(stranger.status, 404, 'a stranger takes nothing of the limit');
  });
});
