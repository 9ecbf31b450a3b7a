import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, connectBus, type Log } from '@k8sta/bus';
import { natsUsers, natsUsersFile, passwordVariable, ticketId } from '@k8sta/contracts';
import { type NatsServer, startNats, type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import type { Opening } from './open-tickets.js';
import { judgeOpenings } from './repeat.js';
import { storeTicket } from './ticket.fixture.js';

const image = { repository: 'docker.io/acme/web', tag: '1.0.0' };
const pushedAt = new Date('2026-01-02T03:04:05Z');

function anOpening(track: string): Opening {
  const ticket = ticketId(track, image);
  return {
    event: {
      type: 'ticket.opened',
      id: `ticket.opened/${ticket}`,
      data: { ticket, track, image, sender: 'dockerhub', pushedAt: pushedAt.toISOString() },
    },
    pushedAt,
    named: { track, ticket, image: 'docker.io/acme/web:1.0.0' },
  };
}

describe('a repeated push, where each service has a NATS user of its own', () => {
  let nats: NatsServer;
  let directory: TemporaryDirectory;
  let warnings: string[];
  const buses: Bus[] = [];
  const log: Log = { debug() {}, info() {}, warn: (fields) => void warnings.push(JSON.stringify(fields)), error() {} };

  const busOf = async (service: 'ingest' | 'tracker') => {
    const passwordFile = join(directory.path, service);
    await writeFile(passwordFile, service);
    const bus = await connectBus({ service, log, connection: { servers: nats.url, user: service, passwordFile } });
    buses.push(bus);
    return bus;
  };
  before(async () => {
    warnings = [];
    directory = await temporaryDirectory('repeat');
    const passwords = Object.keys(natsUsers).map((user) => `${passwordVariable(user)}: "${user}"\n`);
    nats = await startNats({ config: natsUsersFile(passwords.join('')) });
  });
  after(async () => {
    for (const bus of buses) await bus.close();
    await nats.stop();
    await directory.remove();
  });

  it('is recognised by the Ticket that the tracker stored; a push without one is new', async () => {
    const tracker = await busOf('tracker');
    const known = anOpening('known');
    const { ticket, track } = known.named;
    const since = '2026-01-02T03:05:00.000Z';
    const waits = { reason: 'Progressing', message: 'argocd/dev: Progressing', since };
    const state = { is: 'syncing', station: 'dev', promotion: 'p', deadline: since, ...waits };
    await storeTicket(tracker, { id: ticket, track, image }, state);

    const judge = judgeOpenings(await busOf('ingest'), log);
    const [repeated, opened] = await judge([known, anOpening('unknown')], 5_000);
    assert.deepEqual(repeated?.repeat, { state: 'syncing', station: 'dev', ...waits });
    assert.deepEqual(opened, anOpening('unknown'));
    assert.deepEqual(warnings, []);
  });

  it('opens one next attempt after a Ticket failed', async () => {
    const tracker = await busOf('tracker');
    const opening = anOpening('again');
    const { track } = opening.named;
    const judge = judgeOpenings(await busOf('ingest'), log);
    const end = (id: string, since: string) => {
      const state = { is: 'failed', reason: 'Degraded', message: 'crash loop', since };
      return storeTicket(tracker, { id, track, image }, state);
    };
    await end(opening.named.ticket, '2026-01-02T03:00:00.000Z');
    const [second] = await judge([opening], 5_000);
    const id = ticketId(track, image, 2);
    assert.equal(second?.repeat, undefined);
    assert.deepEqual([second?.named.ticket, second?.event.id], [id, `ticket.opened/${id}`]);
    assert.equal(second?.event.data.attempt, 2);
    await end(id, '2026-01-02T04:00:00.000Z');
    const [repeat] = await judge([opening], 5_000);
    assert.deepEqual([repeat?.named.ticket, repeat?.repeat?.state], [id, 'failed'], 'pushed before that ended');
  });
});
