import assert from 'node:assert/strict';
import {
  type ApiHandlers,
  type ApiVerb,
  apiQuestion,
  apiSubject,
  apiVerbs,
  natsUser,
  personPermissions,
} from '@k8sta/contracts';
import { admin, type DeployedNats, startDeployedNats, until } from '@k8sta/sandbox';
import { connect, type NatsConnection, NatsError, type ServiceInfo } from 'nats';
import { AnsweredWithError, ask } from './ask.js';
import { quiet } from './bus.fixture.js';
import { type Bus, connectBus } from './bus.js';

/** Answers every verb with a refusal that names the actor. */
function refusing(verbs: Partial<ApiHandlers> = {}): ApiHandlers {
  const refuse = async (_request: unknown, actor: string) =>
    ({ ok: false, reason: 'TrackUnknown', message: actor }) as const;
  return { ...(Object.fromEntries(apiVerbs.map((verb) => [verb, refuse])) as unknown as ApiHandlers), ...verbs };
}

/** Runs on nats-server with the generated users. */
describe('the API as a micro service', () => {
  let nats: DeployedNats;
  let buses: Bus[];
  let connections: NatsConnection[];

  beforeEach(async () => {
    nats = await startDeployedNats({
      bob: natsUser('bob', personPermissions({ name: 'bob', may: ['approve'] }), '"bob"'),
    });
    [buses, connections] = [[], []];
  });
  afterEach(async () => {
    for (const connection of connections) await connection.close();
    for (const bus of buses) await bus.close();
    await nats.stop();
  });

  const serve = async (verbs?: Partial<ApiHandlers>): Promise<Bus> => {
    const { servers, user, passwordFile } = nats.as('tracker');
    const bus = await connectBus({ service: 'tracker', connection: { servers, user, passwordFile }, log: quiet });
    buses.push(bus);
    await bus.serve(refusing(verbs));
    return bus;
  };
  const connected = async (user: string): Promise<NatsConnection> => {
    const connection = await connect(nats.as(user));
    connections.push(connection);
    return connection;
  };
  const asks = async (user: string, actor: string, verb: ApiVerb, request: object) =>
    ask(await connected(user), apiQuestion(actor, verb), request as never, 2_000);

  it('is found by its name, with an endpoint for each verb', async () => {
    await serve();
    const operator = await connected('operator');
    const micro = operator.services.client();
    for await (const { name } of await micro.ping()) assert.equal(name, 'k8sta');
    const found: ServiceInfo[] = [];
    for await (const info of await micro.info('k8sta')) found.push(info);
    assert.equal(found.length, 1);
    assert.deepEqual(
      found[0]?.endpoints.map(({ name, subject, queue_group }) => [name, subject, queue_group]),
      apiVerbs.map((verb) => [verb, `k8sta.api.*.${verb}`, 'tracker']),
    );
    assert.deepEqual(nats.refusals.list(), []);
  });

  it('says who speaks, and lets nobody speak as somebody else', async () => {
    await serve();
    const said = await asks('bob', 'bob', 'approve', { ticket: 'abcd' });
    assert.deepEqual(said, { ok: false, reason: 'TrackUnknown', message: 'bob' });
    assert.equal((await asks('operator', 'operator', 'tracks', {}))?.ok, false);
    assert.deepEqual(nats.refusals.list(), []);
    const isRefused = (error: NatsError) => error.isPermissionError();
    await assert.rejects(asks('operator', 'bob', 'approve', { ticket: 'abcd' }), isRefused);
    await assert.rejects(asks('bob', 'operator', 'approve', { ticket: 'abcd' }), isRefused);
    await assert.rejects(asks('bob', 'bob', 'cancel', { ticket: 'abcd' }), isRefused, 'bob may only approve');
    await assert.rejects(asks('tap', 'operator', 'tracks', {}), isRefused);
  });

  it('lets each request be answered by one of the replicas', async () => {
    const answered: string[] = [];
    const tracks = (name: string) => async () => {
      answered.push(name);
      return { ok: true as const, tracks: [] };
    };
    await serve({ tracks: tracks('a') });
    await serve({ tracks: tracks('b') });
    const operator = await connected('operator');
    for (let count = 0; count < 60; count++) await ask(operator, apiQuestion('operator', 'tracks'), {}, 2_000);
    assert.equal(answered.length, 60);
    assert.deepEqual([...new Set(answered)].sort(), ['a', 'b']);
  });

  it('answers a request that it cannot understand with an error of micro services', async () => {
    await serve({
      tracks: async () => {
        throw new Error('Redis\nis away');
      },
    });
    const operator = await connected('operator');
    const errorOf = async (verb: ApiVerb, body: string) => {
      const { headers } = await operator.request(apiSubject('operator', verb), body, { timeout: 2_000 });
      return [headers?.get('Nats-Service-Error-Code'), headers?.get('Nats-Service-Error')];
    };
    assert.deepEqual(await errorOf('cancel', '{}'), [
      '400',
      'the request is not understood: ticket: Invalid input: expected string, received undefined',
    ]);
    const [code, text] = await errorOf('cancel', '{');
    assert.equal(code, '400');
    assert.match(text ?? '', /^the request is not JSON: /);
    assert.deepEqual(await errorOf('track', 'x'.repeat(16_385)), ['400', 'the request is longer than 16384 bytes']);
    assert.deepEqual(await errorOf('tracks', ''), ['500', 'Redis is away']);
    await assert.rejects(asks('operator', 'operator', 'tracks', {}), AnsweredWithError);
  });

  it('sends no reply that NATS would not accept', async () => {
    const image = { repository: 'docker.io/acme/app', tag: '1.0.0' };
    const since = '2026-01-01T00:00:00Z';
    const state = { is: 'waiting', since, message: 'x'.repeat(2_000_000) };
    const ticket = { id: 'abcd', track: 'app', image, pushedAt: since, state };
    await serve({ tickets: async () => ({ ok: true, tickets: [ticket] }) });
    await assert.rejects(asks('operator', 'operator', 'tickets', {}), /the reply is larger than NATS accepts/);
  });

  it('answers what it has begun before it closes, and nothing later', async () => {
    let release = () => {};
    let begun = false;
    const bus = await serve({
      tracks: () =>
        new Promise((resolve) => {
          begun = true;
          release = () => resolve({ ok: true, tracks: [] });
        }),
    });
    const operator = await connected('operator');
    const asked = ask(operator, apiQuestion('operator', 'tracks'), {}, 5_000);
    await until(() => begun);
    buses.splice(buses.indexOf(bus), 1);
    const closed = bus.close();
    release();
    assert.deepEqual(await asked, { ok: true, tracks: [] });
    await closed;
    assert.equal(await ask(operator, apiQuestion('operator', 'tracks'), {}, 1_000), undefined);
  });

  it('is served again after the server was restarted', async () => {
    await serve();
    const operator = await connected(admin);
    await nats.kill();
    await nats.restart();
    await until(async () =>
      ask(operator, apiQuestion('operator', 'tracks'), {}, 1_000).catch((error: unknown) => {
        if (!(error instanceof NatsError)) throw error;
        return undefined;
      }),
    );
  });
});
