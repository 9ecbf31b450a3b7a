import assert from 'node:assert/strict';
import { type Bus, connectBus, type Log } from '@k8sta/bus';
import { type ImageRef, ticketId } from '@k8sta/contracts';
import { type DeployedNats, type Registry, startDeployedNats, startRegistry, until } from '@k8sta/sandbox';
import type { Track } from '@k8sta/tracks';
import { connect, type NatsConnection } from 'nats';
import { openTickets } from '../open-tickets.js';
import { judgeOpenings } from '../repeat.js';
import { Storage } from '../storage.js';
import { storeTicket } from '../ticket.fixture.js';
import { tracksOf, written } from '../tracks.fixture.js';
import { RegistryClient } from './client.js';
import { RegistryFault } from './fault.js';
import { openRegistryClient } from './open-client.js';
import { openFound, registrySender } from './open-found.js';
import { type PollOptions, RepositoryPoll } from './poll.js';
import { HostPauses, startPolling } from './polling.js';
import { seenOnBus } from './seen.js';

/** Runs on a bus with the users and permissions of deploy/. */
describe('looking for new tags in a real registry', () => {
  let nats: DeployedNats;
  let registry: Registry;
  let bus: Bus;
  let tracker: Bus;
  let admin: NatsConnection;
  let storage: Storage;
  let tracks: Track[];
  let repository: string;
  let logged: string[];
  let at: Date;
  let number = 0;
  const note = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug() {}, info: note, warn: note, error: note };
  const now = () => at;

  before(async () => {
    logged = [];
    nats = await startDeployedNats();
    registry = await startRegistry();
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
    await registry?.stop();
    await nats?.stop();
    assert.deepEqual(nats?.refusals.list(), []);
  });
  beforeEach(() => {
    logged = [];
    at = new Date();
    repository = `${registry.host}/acme/app-${++number}`;
    storage = new Storage({ bus, withinMs: 5_000, bodyLimit: 100_000, now });
    tracks = tracksOf({ tracks: ['eu', 'us'].map((name) => written(name, repository)) });
  });

  const push = (tag: string, content?: string) => registry.push(`acme/app-${number}`, tag, content);
  const pollWith = (changes: Partial<PollOptions> = {}) => {
    const client = new RegistryClient({ credentialsFor: async () => undefined, now });
    const open: PollOptions['open'] = (found) => openFound(found, { tracks, storage, bus, now });
    const options = { tracks, client, store: seenOnBus(bus), open, now, log, settleMs: 0, ...changes };
    return new RepositoryPoll(repository, options);
  };
  /** The images of the Tickets that were opened on the Track, of this test's repository. */
  const opened = async (track = 'eu') => {
    const { streams } = await admin.jetstreamManager();
    const { state } = await streams.info('K8STA');
    const images: ImageRef[] = [];
    for (let sequence = Math.max(state.first_seq, 1); sequence <= state.last_seq; sequence++) {
      const message = await streams.getMessage('K8STA', { seq: sequence });
      const { data } = JSON.parse(message.string());
      if (message.subject === `k8sta.ticket.${track}.opened` && data.image.repository === repository)
        images.push(data.image);
    }
    return images;
  };
  const stored = async (image: ImageRef, id: string) => {
    const state = { is: 'failed', reason: 'Degraded', message: 'a crash loop', since: at.toISOString() };
    for (const track of ['eu', 'us']) await storeTicket(tracker, { id, track, image }, state);
  };

  it('opens nothing at the first sight of a repository, and then a Ticket for each new tag of its rule, also after a restart', async () => {
    await push('1.0.0');
    await pollWith().look();
    assert.deepEqual(await opened(), []);
    const digest = await push('1.1.0', 'one');
    await push('latest');
    const poll = pollWith();
    await poll.look();
    await poll.look();
    await pollWith().look();
    const image = { repository, tag: '1.1.0', digest };
    assert.deepEqual([await opened('eu'), await opened('us')], [[image], [image]]);
    const { streams } = await admin.jetstreamManager();
    const delivery = await streams.getMessage('K8STA_DELIVERIES', {
      last_by_subj: `k8sta.delivery.${registrySender}.received`,
    });
    assert.deepEqual(JSON.parse(JSON.parse(delivery.string()).data.body), image);
    assert.match(logged.join('\n'), /registry: new tag .*"tag":"1.1.0".*"tickets":2/);
  });

  it('opens higher versions after lower ones, in a time that keeps their order', async () => {
    await push('1.0.0');
    await pollWith().look();
    for (const tag of ['1.10.0', '1.9.0', '1.2.0']) await push(tag);
    await pollWith().look();
    assert.deepEqual(
      (await opened()).map(({ tag }) => tag),
      ['1.2.0', '1.9.0', '1.10.0'],
    );
  });

  it('opens no second Ticket for a push that a webhook announced, with or without its digest, however that one ended', async () => {
    await push('1.0.0');
    await pollWith().look();
    const withDigest = { repository, tag: '1.1.0', digest: await push('1.1.0') };
    await stored(withDigest, ticketId('eu', withDigest));
    await stored(withDigest, ticketId('us', withDigest));
    const bare = { repository, tag: '1.2.0' };
    await push('1.2.0');
    await stored(bare, ticketId('eu', bare));
    at = new Date(at.getTime() + 60_000);
    await pollWith().look();
    assert.deepEqual(await opened('eu'), []);
    assert.deepEqual(
      (await opened('us')).map(({ tag }) => tag),
      ['1.2.0'],
    );
  });

  it('opens the Ticket that a later webhook repeats, with or without its digest; another digest is another push', async () => {
    await push('1.0.0');
    await pollWith().look();
    const digest = await push('1.1.0');
    await pollWith().look();
    const [image] = await opened();
    assert.deepEqual(image, { repository, tag: '1.1.0', digest });
    await stored({ repository, tag: '1.1.0', digest }, ticketId('eu', { repository, tag: '1.1.0' }));
    const judge = judgeOpenings(bus, log);
    const repeats = async (announced: ImageRef) => {
      const delivery = { id: 'd', contentType: 'x', body: '', pushes: [{ image: announced, pushedAt: new Date(0) }] };
      const receipt = { sender: 'x', receivedAt: at, traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01` };
      const { openings } = openTickets(delivery, tracks.slice(0, 1), receipt);
      return (await judge(openings, 5_000)).map(({ repeat }) => repeat?.state);
    };
    assert.deepEqual(await repeats({ repository, tag: '1.1.0', digest }), ['failed']);
    assert.deepEqual(await repeats({ repository, tag: '1.1.0' }), ['failed']);
    assert.deepEqual(await repeats({ repository, tag: '1.1.0', digest: `sha256:${'0'.repeat(64)}` }), [undefined]);
  });

  it('leaves a new tag to its webhook for a while', async () => {
    await push('1.0.0');
    const poll = pollWith({ settleMs: 30_000 });
    await poll.look();
    await push('1.1.0');
    await poll.look();
    at = new Date(at.getTime() + 29_999);
    await poll.look();
    assert.deepEqual(await opened(), []);
    at = new Date(at.getTime() + 1);
    await poll.look();
    assert.equal((await opened()).length, 1);
  });

  it('looks again at a tag whose Tickets could not be stored, and at no other', async () => {
    await push('1.0.0');
    await pollWith().look();
    await push('1.1.0');
    await push('1.2.0');
    const tried: string[] = [];
    let fails = true;
    const poll = pollWith({
      async open({ tag }) {
        tried.push(tag);
        if (tag === '1.2.0' && fails) throw new Error('JetStream is away');
        return [];
      },
    });
    await assert.rejects(poll.look(), /JetStream is away/);
    fails = false;
    await poll.look();
    assert.deepEqual(tried, ['1.1.0', '1.2.0', '1.2.0']);
  });

  it('looks again at a tag that is listed a moment before it can be read', async () => {
    await push('1.0.0');
    await pollWith().look();
    await push('1.1.0');
    const client = new RegistryClient({ credentialsFor: async () => undefined, now });
    let isReadable = false;
    const poll = pollWith({
      client: {
        tags: (...list) => client.tags(...list),
        digest: async (...tag) => (isReadable ? client.digest(...tag) : undefined),
      },
    });
    await poll.look();
    assert.deepEqual(await opened(), []);
    isReadable = true;
    await poll.look();
    assert.equal((await opened()).length, 1);
  });

  it('keeps what it saw of a repository while the registry does not list it', async () => {
    await push('1.0.0');
    await pollWith().look();
    const lists = [[], ['1.0.0'], ['1.0.0', '1.1.0']];
    const found: string[] = [];
    const poll = pollWith({
      client: { tags: async () => ({ tags: lists.shift() ?? [] }), digest: async () => `sha256:${'0'.repeat(64)}` },
      open: async ({ tag }) => [found.push(tag).toString()],
    });
    for (let look = 0; look < 3; look++) await poll.look();
    assert.deepEqual(found, ['1.1.0']);
  });

  it('does not take a repository that cannot be listed for a new one without tags', async () => {
    const refused = pollWith({
      client: {
        digest: async () => undefined,
        tags: async () => {
          throw new RegistryFault('RepositoryNotFound', 'no such repository');
        },
      },
    });
    await assert.rejects(refused.look(), RegistryFault);
    await push('1.0.0');
    await pollWith().look();
    assert.deepEqual(await opened(), []);
  });

  it('runs until it is stopped, and says why a registry cannot be asked', async () => {
    await push('1.0.0');
    const client = await openRegistryClient({ credentials: undefined, now });
    const options = { everyMs: 20, client, tracks, storage, bus, log, settleMs: 0 };
    const polling = startPolling({ ...options, now: () => new Date() });
    try {
      const says = (words: string) => ({ what: `the log "${words}"`, deadlineMs: 20_000 });
      await until(async () => logged.some((line) => line.includes('for the first time')), says('for the first time'));
      await push('1.1.0');
      await until(async () => logged.some((line) => line.includes('"tag":"1.1.0"')), says('1.1.0'));
      await registry.kill();
      await until(async () => logged.some((line) => line.includes('RegistryUnreachable')), says('RegistryUnreachable'));
      await registry.restart();
      await push('1.2.0');
      await until(async () => logged.some((line) => line.includes('"tag":"1.2.0"')), says('1.2.0'));
    } finally {
      await polling.stop();
    }
    assert.deepEqual(
      (await opened()).map(({ tag }) => tag),
      ['1.1.0', '1.2.0'],
    );
  });
});

describe('the pauses of registries', () => {
  it('double with each failure up to an hour, or are as long as the registry says, and end with an answer', () => {
    let ms = 0;
    const hosts = new HostPauses(60_000, () => new Date(ms));
    assert.equal(hosts.failed('a', undefined), 60_000);
    assert.equal(hosts.failed('a', undefined), 120_000);
    assert.equal(hosts.failed('a', 5_000), 5_000);
    assert.deepEqual([hosts.isPaused('a'), hosts.isPaused('b')], [true, false]);
    ms = 5_000;
    assert.equal(hosts.isPaused('a'), false);
    for (let failures = 0; failures < 10; failures++) hosts.failed('a', undefined);
    assert.equal(hosts.failed('a', undefined), 3_600_000);
    hosts.answered('a');
    assert.equal(hosts.failed('a', undefined), 60_000);
  });
});
