import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { connect, StringCodec } from 'nats';
import { temporaryDirectory } from './directory.js';
import { type NatsOptions, type NatsServer, startDeployedNats, startNats } from './nats.js';
import { isListening } from './port.js';
import { isAlive } from './process.fixture.js';

const text = StringCodec();

describe('startNats', () => {
  const started: NatsServer[] = [];
  // Also after a failure: a server that is left keeps the test run from ending.
  afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())));

  async function start(options?: NatsOptions): Promise<NatsServer> {
    const server = await startNats(options);
    started.push(server);
    return server;
  }

  it('starts a server whose JetStream data survives kill -9', async () => {
    const server = await start();
    const before = await connect({ servers: server.url, reconnect: false });
    await (await before.jetstreamManager()).streams.add({ name: 'S', subjects: ['s.>'] });
    await before.jetstream().publish('s.one', text.encode('kept'));
    const { pid } = server;
    await server.kill();
    assert.equal(isAlive(pid), false);
    await before.closed();

    await server.restart();
    const after = await connect({ servers: server.url });
    const message = await (await after.jetstreamManager()).streams.getMessage('S', { seq: 1 });
    assert.equal(text.decode(message.data), 'kept');
    await after.close();
  });

  it('leaves no process, port or file when it stops', async () => {
    const directory = await temporaryDirectory('kept');
    const server = await start({ directory: directory.path });
    const connection = await connect({ servers: server.url });
    assert.ok(connection.info?.jetstream);
    await connection.close();
    await server.stop();
    assert.equal(isAlive(server.pid), false);
    assert.equal(await isListening(server.port), false);
    assert.ok(existsSync(directory.path), 'a folder that was given is kept');
    await directory.remove();
  });

  it('accepts more configuration: users, limits of JetStream', async () => {
    const server = await start({
      config: `
        jetstream { max_file_store: 64KB }
        authorization { users: [{user: a, password: b, permissions: {publish: "allowed"}}] }`,
    });
    const connection = await connect({ servers: server.url, user: 'a', pass: 'b' });
    const refused = (async () => {
      for await (const status of connection.status()) if (status.permissionContext) return status.permissionContext;
      return undefined;
    })();
    connection.publish('forbidden');
    assert.equal((await refused)?.subject, 'forbidden');
    await connection.close();
    await assert.rejects(connect({ servers: server.url, user: 'a', pass: 'wrong' }), /Authorization/i);
  });

  it('reports a port that is in use', async () => {
    const server = await start();
    await assert.rejects(start({ port: server.port }), /address already in use/);
  });
});

describe('startDeployedNats', () => {
  it('starts a server with the users of deploy/, and lists what it refused them, also after a restart', async () => {
    const server = await startDeployedNats();
    try {
      for (const user of ['ingest', 'tracker']) {
        const connection = await connect(server.as(user));
        connection.publish('k8sta.promotion.storefront.dev.requested');
        await connection.flush();
        await connection.close();
        await server.restart();
      }
      const subject = '"k8sta.promotion.storefront.dev.requested"';
      assert.deepEqual(server.refusals.list(), [`nats-server: Publish Violation - User "ingest", Subject ${subject}`]);
      assert.throws(() => server.as('nobody'), /no user "nobody"; it has ingest, tracker/);
    } finally {
      await server.stop();
    }
  });
});
