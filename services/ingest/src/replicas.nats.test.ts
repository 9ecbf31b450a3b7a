import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { type Bus, connectBus, type Log } from '@k8sta/bus';
import type { ImageRef } from '@k8sta/contracts';
import { type DeployedNats, startDeployedNats } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import { Registry } from 'prom-client';
import { createMetrics } from './metrics.js';
import { judgeOpenings } from './repeat.js';
import { generic } from './senders/generic.js';
import { named } from './senders/proven.fixture.js';
import { startServer, type WebhookServer } from './server.js';
import { Storage } from './storage.js';
import { storeTicket } from './ticket.fixture.js';
import { tracksOf, written } from './tracks.fixture.js';

const secret = 'a-secret-that-nobody-may-see';
const one = `sha256:${'1'.repeat(64)}`;
const two = `sha256:${'2'.repeat(64)}`;
const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Runs on a bus with the users and permissions of deploy/. */
describe('two replicas of the ingest', () => {
  let nats: DeployedNats;
  let tracker: Bus;
  let admin: NatsConnection;
  let number = 0;
  let tag: string;
  const replicas: { bus: Bus; server: WebhookServer }[] = [];
  const tracks = tracksOf({ tracks: [written('app', 'acme/app')] });

  const busOf = (service: 'ingest' | 'tracker') => {
    const { servers, user, passwordFile } = nats.as(service);
    return connectBus({ service, connection: { servers, user, passwordFile }, log });
  };
  const startReplica = async () => {
    const bus = await busOf('ingest');
    const now = () => new Date();
    const server = await startServer(
      {
        ...{ senders: [generic], tracks, now, log, bodyLimit: 64 * 1024 },
        secrets: { of: async () => named(secret) },
        storage: new Storage({ bus, withinMs: 10_000, bodyLimit: 64 * 1024, now }),
        judge: judgeOpenings(bus, log),
        metrics: createMetrics(new Registry()),
      },
      0,
      '127.0.0.1',
    );
    return { bus, server };
  };
  before(async () => {
    nats = await startDeployedNats();
    tracker = await busOf('tracker');
    await tracker.state.get('track.none');
    admin = await connect(nats.as('sandbox'));
    replicas.push(await startReplica(), await startReplica());
  });
  after(async () => {
    for (const { bus, server } of replicas) {
      await server.close();
      await bus.close();
    }
    await admin?.close();
    await tracker?.close();
    await nats?.stop();
    assert.deepEqual(nats?.refusals.list(), []);
  });
  beforeEach(() => {
    tag = `1.0.${++number}`;
  });

  /** Announces the tag of this test to one of the replicas, and returns the Ticket that it names. */
  const announce = async (at: 0 | 1, digest?: string): Promise<string> => {
    const body = JSON.stringify({ image: 'docker.io/acme/app', tag, digest });
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const response = await fetch(`http://127.0.0.1:${replicas[at]?.server.port}/webhooks/generic`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'x-signature': signature },
    });
    const { tickets } = (await response.json()) as { tickets: { ticket: string; repeats?: object }[] };
    const [{ ticket, repeats } = assert.fail('no Ticket')] = tickets;
    assert.equal(response.status, repeats ? 200 : 202);
    return ticket;
  };
  /** What was opened of the tag of this test. */
  const opened = async () => {
    const { streams } = await admin.jetstreamManager();
    const { state } = await streams.info('K8STA');
    const found: { ticket: string; image: ImageRef }[] = [];
    for (let sequence = Math.max(state.first_seq, 1); sequence <= state.last_seq; sequence++) {
      const { data } = JSON.parse((await streams.getMessage('K8STA', { seq: sequence })).string());
      if (data.image.tag === tag) found.push(data);
    }
    return found;
  };
  const taken = ({ ticket: id, image }: { ticket: string; image: ImageRef }) =>
    storeTicket(tracker, { id, track: 'app', image }, { is: 'completed', since: new Date().toISOString() });

  it('open one Ticket for a push that one of them hears with its digest and the other without', async () => {
    const ticket = await announce(0);
    assert.equal(await announce(1, one), ticket);
    assert.equal((await opened()).length, 1);
  });

  it('open one Ticket in the other order, which has the digest', async () => {
    const ticket = await announce(0, one);
    assert.equal(await announce(1), ticket);
    assert.equal(await announce(1, one), ticket);
    const tickets = await opened();
    assert.deepEqual([tickets.length, tickets[0]?.image.digest], [1, one]);
  });

  it('open one Ticket for a push that both hear at the same time', async () => {
    const announcements = [announce(0), announce(1, one), announce(0, one), announce(1), announce(0), announce(1, one)];
    const tickets = await Promise.all(announcements);
    assert.equal(new Set(tickets).size, 1);
    assert.equal((await opened()).length, 1);
  });

  it('open one Ticket for a push whose digest is learnt after the tracker has taken it', async () => {
    const ticket = await announce(0);
    await taken((await opened())[0] ?? assert.fail());
    assert.equal(await announce(1, one), ticket);
    assert.equal((await opened()).length, 1);
  });

  it('open a Ticket each for two images under one tag, in which later announcements join', async () => {
    const [first, second] = [await announce(0, one), await announce(1, two)];
    assert.notEqual(first, second);
    assert.deepEqual([await announce(1, one), await announce(0, two)], [first, second]);
    assert.deepEqual(
      (await opened()).map(({ ticket, image }) => [ticket, image.digest]),
      [
        [first, one],
        [second, two],
      ],
    );
  });
});
