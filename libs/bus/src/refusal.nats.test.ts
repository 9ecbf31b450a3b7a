import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  freePort,
  type NatsServer,
  startNats,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';
import { connect, ErrorCode, NatsError } from 'nats';
import { type Bus, type BusOptions, connectBus } from './bus.js';
import type { Log } from './log.js';
import { BusRefusal, insist } from './refusal.js';

/** What a person finds who starts a service with a bus that is not as it should be. */
describe('a bus that cannot be used', () => {
  let directory: TemporaryDirectory;
  let nats: NatsServer | undefined;
  let logged: string[];
  const write = (level: string) => (fields: object, message: string) =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const open = (options: Partial<BusOptions>): Promise<Bus> =>
    connectBus({ service: 'tracker', log, connection: { servers: nats?.url ?? '' }, ...options });
  const refused = (words: RegExp) => (error: Error) => {
    assert.ok(error instanceof BusRefusal, error.stack);
    assert.match(error.message, words);
    assert.doesNotMatch(error.message, /hunter2|\n/);
    return true;
  };

  before(async () => {
    directory = await temporaryDirectory('refusal');
  });
  after(() => directory.remove());
  beforeEach(() => {
    logged = [];
  });
  afterEach(async () => {
    await nats?.stop();
    nats = undefined;
  });

  it('retries until NATS answers, and logs the reason once', async () => {
    const port = await freePort();
    const opening = open({ connection: { servers: `nats://me:hunter2@127.0.0.1:${port}` } });
    await until(() => logged.length > 0);
    nats = await startNats({ port });
    await (await opening).close();
    assert.equal(logged.filter((line) => line.includes('cannot connect')).length, 1);
    assert.match(logged[0] ?? '', /^warn cannot connect to NATS, retrying .*"nats:\/\/127.0.0.1:\d+".*ECONNREFUSED/);
    assert.doesNotMatch(logged.join(), /hunter2/);
  });

  it('reports an unknown user, and a user without permissions', async () => {
    const permissions = '{publish: ["nothing"], subscribe: [">"]}';
    const users = `[{user: tracker, password: right}, {user: nobody, password: right, permissions: ${permissions}}]`;
    nats = await startNats({ config: `authorization { users: ${users} }` });
    const { url: servers } = nats;
    const as = async (user: string, password: string) => {
      const passwordFile = join(directory.path, password);
      await writeFile(passwordFile, password);
      return open({ connection: { servers, user, passwordFile } });
    };
    await assert.rejects(as('tracker', 'hunter2'), refused(/refuses our user or its secret.*see K8STA_NATS_USER/));
    await assert.rejects(as('nobody', 'right'), refused(/Permissions Violation for Publish to .*grant it$/));
  });

  it('reports more replicas than there are servers', async () => {
    nats = await startNats();
    await assert.rejects(open({ replicas: 3 }), refused(/replicas.*see K8STA_STREAM_REPLICAS$/));
  });

  it('reports a durable of another version, and how to delete it', async () => {
    nats = await startNats();
    const bus = await open({});
    const raw = await connect({ servers: nats.url });
    const config = { durable_name: 'tracker-ticket_opened', filter_subject: 'k8sta.ticket.other.opened' };
    await (await raw.jetstreamManager()).consumers.add('K8STA', config);
    const consuming = bus.consume('ticket.opened', async () => ({ is: 'done' }));
    await assert.rejects(
      consuming,
      refused(/another version made it; .*\(nats consumer rm K8STA tracker-ticket_opened\)$/),
    );
    await raw.close();
    await bus.close();
  });

  it('is waited for while a cluster of servers has no leader', async () => {
    const noLeader = new NatsError('JetStream system temporarily unavailable', ErrorCode.JetStreamNotEnabled);
    noLeader.api_error = { code: 503, err_code: 10_008, description: noLeader.message };
    const faults = [new NatsError('TIMEOUT', ErrorCode.Timeout), noLeader];
    const work = async () => {
      const fault = faults.shift();
      if (fault) throw fault;
      return 'an answer';
    };
    assert.equal(await insist(work), 'an answer');
  });
});
