import assert from 'node:assert/strict';
import { type Bus, connectBus } from '@k8sta/bus';
import { everyUse } from '@k8sta/contracts';
import { type NatsServer, type Registry, startNats, startRegistry } from '@k8sta/sandbox';
import type { Track } from '@k8sta/tracks';
import { Registry as Metrics } from 'prom-client';
import { createMetrics } from '../metrics.js';
import { judgeOpenings } from '../repeat.js';
import { acrEventGrid } from '../senders/acr.js';
import { distribution } from '../senders/distribution.js';
import { named } from '../senders/proven.fixture.js';
import { quay } from '../senders/quay.js';
import { fixture } from '../senders/sender.fixture.js';
import { startServer, type WebhookServer } from '../server.js';
import { Storage } from '../storage.js';
import { tracksOf, written } from '../tracks.fixture.js';
import { openRegistryClient } from './open-client.js';
import { Verifier } from './verify.js';

const secret = 'a-secret-that-nobody-may-see';
const log = { debug() {}, info() {}, warn() {}, error() {} };
const now = () => new Date();

describe('a push that is believed only if the registry says the same', () => {
  let nats: NatsServer;
  let registry: Registry;
  let bus: Bus;
  let others: Bus;
  let server: WebhookServer;
  let tracks: Track[];

  before(async () => {
    [nats, registry] = await Promise.all([startNats(), startRegistry()]);
    others = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log });
    bus = await connectBus({ service: 'ingest', connection: { servers: nats.url }, log });
    tracks = tracksOf({ tracks: [written('app', `${registry.host}/acme/app`)] });
    const senders = [quay, acrEventGrid, distribution];
    const client = await openRegistryClient({ credentials: undefined, now });
    server = await startServer(
      {
        ...{ senders, tracks, now, log, bodyLimit: 64 * 1024 },
        secrets: { of: async () => named(secret) },
        storage: new Storage({ bus, withinMs: 5_000, bodyLimit: 64 * 1024, now }),
        judge: judgeOpenings(bus, log),
        verifier: new Verifier({
          ...{ senders: new Set(senders.map(({ name }) => name)), client, tracks, withinMs: 5_000 },
          againMs: 1,
        }),
        metrics: createMetrics(new Metrics()),
      },
      0,
      '127.0.0.1',
    );
  });
  after(async () => {
    await server?.close();
    await bus?.close();
    await others?.close();
    await registry?.stop();
    await nats?.stop();
  });

  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/webhooks/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const json = (await response.json()) as Record<string, unknown>;
    return { status: response.status, reason: json['reason'], json, headers: response.headers };
  };
  const postQuay = (...updated_tags: string[]) =>
    post(`quay/${secret}`, { docker_url: `${registry.host}/acme/app`, updated_tags });
  const postEventGrid = (tag: string, digest: string) => {
    const [event] = fixture('acr-event-grid', 'push').json as [{ data: object }];
    const data = { ...event.data, target: { repository: 'acme/app', tag, digest }, request: { host: registry.host } };
    return post(`acr-event-grid/${secret}`, [{ ...event, data }], { 'aeg-event-type': 'Notification' });
  };
  const postNotification = (...tags: string[]) => {
    const events = tags.map((tag) => ({
      ...{ id: tag, action: 'push', timestamp: '2026-01-02T03:04:05Z' },
      target: { repository: 'acme/app', tag, mediaType: 'application/vnd.oci.image.manifest.v1+json' },
      request: { host: registry.host },
    }));
    return post('distribution', { events }, { authorization: secret });
  };
  const opened = async () => {
    const events = await others.since('ticket.opened', { track: 'app' }, new Date(0));
    return events.map(({ data: { image } }) => `${image.tag}@${image.digest}`);
  };
  const deliveries = async (sender: string) =>
    (await others.since('delivery.received', { sender }, new Date(0))).map(({ data }) => data.body);

  it('opens its Ticket with the digest that the registry gives', async () => {
    const digest = await registry.push('acme/app', '1.0.0');
    assert.equal((await postQuay('1.0.0')).status, 202);
    assert.deepEqual(await opened(), [`1.0.0@${digest}`]);
    const other = await registry.push('acme/app', '1.0.1');
    assert.equal((await postEventGrid('1.0.1', other)).status, 202);
    assert.deepEqual(await opened(), [`1.0.0@${digest}`, `1.0.1@${other}`]);
  });

  it('is refused and not stored if the registry does not have the tag, or has it with another digest', async () => {
    const before = [await opened(), await deliveries('quay'), await deliveries('acr-event-grid')];
    const missing = await postQuay('9.0.0');
    assert.deepEqual([missing.status, missing.reason], [422, 'TagNotInRegistry']);
    assert.equal(missing.json['error'], `${registry.host}/acme/app:9.0.0: the registry has no such tag`);
    await registry.push('acme/app', '1.1.0');
    const differs = await postEventGrid('1.1.0', `sha256:${'0'.repeat(64)}`);
    assert.deepEqual([differs.status, differs.reason], [422, 'DigestDiffers']);
    assert.deepEqual([await opened(), await deliveries('quay'), await deliveries('acr-event-grid')], before);
  });

  it('does not stop the other pushes of its delivery', async () => {
    const digest = await registry.push('acme/app', '2.0.0');
    const { status, json } = await postQuay('2.0.1', '2.0.0', 'latest');
    assert.equal(status, 202);
    assert.deepEqual(json['faults'], [`${registry.host}/acme/app:2.0.1: the registry has no such tag`]);
    assert.equal((await opened()).at(-1), `2.0.0@${digest}`);
  });

  it('is answered with 200 if the queue of its sender would stop at a refusal', async () => {
    const before = await opened();
    const { status, reason } = await postNotification('9.0.0');
    assert.deepEqual([status, reason], [200, 'TagNotInRegistry']);
    assert.deepEqual(await opened(), before);
  });

  it('is to be posted again while the registry is away, and is accepted once it is back', async () => {
    await registry.push('acme/app', '3.0.0');
    await registry.kill();
    const { status, reason, headers } = await postQuay('3.0.0');
    assert.deepEqual([status, reason, headers.get('retry-after')], [503, 'RegistryUnreachable', '5']);
    assert.equal((await postNotification('3.0.0')).status, 503);
    const { reason: notAsked } = await postQuay('latest');
    assert.equal(notAsked, 'TagNotSubscribed', 'no Track subscribes to it, so no registry is asked');
    await registry.restart();
    assert.equal((await postQuay('3.0.0')).status, 202);
  });

  it('is looked up once more if the registry does not show the tag at once', async () => {
    const pushed = await registry.push('acme/app', '4.0.0');
    const real = await openRegistryClient({ credentials: undefined, now });
    let misses = 1;
    const client = {
      digest: async (...tag: Parameters<typeof real.digest>) => (misses-- > 0 ? undefined : real.digest(...tag)),
    };
    const verifier = new Verifier({ senders: new Set(['quay']), client, tracks, withinMs: 5_000, againMs: 1 });
    const image = { repository: `${registry.host}/acme/app`, tag: '4.0.0' };
    const delivery = { id: 'd', contentType: 'x', body: '', pushes: [{ image, pushedAt: now() }] };
    const verified = await verifier.verify('quay', delivery);
    assert.ok('pushes' in verified);
    assert.equal(verified.pushes[0]?.image.digest, pushed);
    misses = 2;
    assert.ok('contradicted' in (await verifier.verify('quay', delivery)));
  });

  it('is to be posted again if the registry does not answer in time', async () => {
    const client = { digest: () => new Promise<never>(() => {}) };
    const verifier = new Verifier({ senders: new Set(['quay']), client, tracks, withinMs: 1 });
    const image = { repository: `${registry.host}/acme/app`, tag: '1.0.0' };
    const delivery = { id: 'd', contentType: 'x', body: '', pushes: [{ image, pushedAt: now() }] };
    const verified = await verifier.verify('quay', delivery);
    assert.ok('unverifiable' in verified);
    assert.equal(verified.unverifiable.reason, 'RegistryUnreachable');
    assert.equal(await verifier.verify('ghcr', delivery), delivery, 'a sender that is not verified');
  });
});
