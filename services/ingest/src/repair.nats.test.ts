import assert from 'node:assert/strict';
import { type Bus, connectBus, type Log } from '@k8sta/bus';
import { type ImageRef, ticketId } from '@k8sta/contracts';
import { type DeployedNats, startDeployedNats } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import { openTickets } from './open-tickets.js';
import { withOpens } from './opens.js';
import { repair } from './repair.js';
import { Storage } from './storage.js';
import { storeTicket } from './ticket.fixture.js';
import { tracksOf, written } from './tracks.fixture.js';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const digest = `sha256:${'1'.repeat(64)}`;
const receivedAt = new Date('2026-01-02T03:05:00Z');

/** Runs on a bus with the users and permissions of deploy/. */
describe('the repair of stored webhooks', () => {
  let nats: DeployedNats;
  let bus: Bus;
  let tracker: Bus;
  let admin: NatsConnection;
  let number = 0;
  let tag: string;
  const now = () => new Date();
  const tracks = tracksOf({ tracks: [written('app', 'acme/app')] });

  before(async () => {
    nats = await startDeployedNats();
    const busOf = (service: 'ingest' | 'tracker') => {
      const { servers, user, passwordFile } = nats.as(service);
      return connectBus({ service, connection: { servers, user, passwordFile }, log });
    };
    tracker = await busOf('tracker');
    await tracker.state.get('track.none');
    bus = await busOf('ingest');
    admin = await connect(nats.as('sandbox'));
  });
  after(async () => {
    await admin?.close();
    await bus?.close();
    await tracker?.close();
    await nats?.stop();
    assert.deepEqual(nats?.refusals.list(), []);
  });
  beforeEach(() => {
    tag = `1.0.${++number}`;
  });

  const anImage = (change: Partial<ImageRef> = {}): ImageRef => ({ repository: 'docker.io/acme/app', tag, ...change });
  /** Stores the delivery, and loses its Tickets on the way. */
  const storeDeliveryOnly = async (image: ImageRef) => {
    const pushes = [{ image, pushedAt: receivedAt }];
    const delivery = { id: `${tag}-${image.digest ?? ''}`, contentType: 'x', body: '{}', pushes };
    const receipt = { sender: 'dockerhub', receivedAt, traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01` };
    const { received, openings } = openTickets(delivery, tracks, receipt);
    await bus.publish(
      withOpens(
        received,
        openings.map(({ event }) => event),
        100_000,
      ),
    );
  };
  const repairAll = () => {
    const storage = new Storage({ bus, withinMs: 5_000, bodyLimit: 100_000, now });
    return repair({ bus, storage, senders: ['ghcr', 'dockerhub'], signal: new AbortController().signal });
  };
  const taken = (image: ImageRef) =>
    storeTicket(
      tracker,
      { id: ticketId('app', image), track: 'app', image },
      { is: 'completed', since: receivedAt.toISOString() },
    );

  it('publishes the Ticket of a webhook that is stored, once, as it would have been published', async () => {
    await storeDeliveryOnly(anImage({ digest }));
    const ticket = ticketId('app', anImage({ digest }));
    assert.deepEqual(await repairAll(), [ticket]);
    assert.deepEqual(await repairAll(), [], 'the tracker has not taken it yet');
    const { streams } = await admin.jetstreamManager();
    const message = await streams.getMessage('K8STA', { last_by_subj: 'k8sta.ticket.app.opened' });
    const { data, ticketid, traceparent } = JSON.parse(message.string());
    assert.deepEqual(data, {
      ...{ ticket, track: 'app', image: anImage({ digest }), sender: 'dockerhub', delivery: `${tag}-${digest}` },
      pushedAt: receivedAt.toISOString(),
    });
    assert.deepEqual([ticketid, traceparent], [ticket, `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`]);
    await taken(anImage({ digest }));
  });

  it('publishes nothing if the tracker has the Ticket', async () => {
    await storeDeliveryOnly(anImage());
    await taken(anImage());
    assert.deepEqual(await repairAll(), []);
  });

  it('publishes nothing for a push whose Ticket another webhook opened, which knew its digest', async () => {
    await storeDeliveryOnly(anImage({ digest }));
    await storeDeliveryOnly(anImage());
    await taken(anImage({ digest }));
    assert.deepEqual(await repairAll(), []);
  });

  it('publishes one Ticket for a push that two webhooks announced, of which none opened it', async () => {
    await storeDeliveryOnly(anImage());
    await storeDeliveryOnly(anImage({ digest }));
    assert.deepEqual(await repairAll(), [ticketId('app', anImage())]);
  });
});
