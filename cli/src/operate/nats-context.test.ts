import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@k8sta/runtime';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { connectionOf } from './connect.js';
import { readContext } from './nats-context.js';

describe('a context of the NATS CLI', () => {
  let directory: TemporaryDirectory;
  let environment: NodeJS.ProcessEnv;

  beforeEach(async () => {
    directory = await temporaryDirectory('contexts');
    environment = { HOME: directory.path };
    await mkdir(join(directory.path, '.config/nats/context'), { recursive: true });
  });
  afterEach(() => directory.remove());

  const write = (name: string, content: string) => writeFile(join(directory.path, `.config/nats/${name}`), content);
  /** A context as `nats context save` writes it, with these fields. */
  const save = (name: string, fields: object) =>
    write(
      `context/${name}.json`,
      JSON.stringify({ description: '', url: 'nats://a:4222', token: '', user: '', ...fields }),
    );

  it('says where NATS is and how to log in', async () => {
    await save('one', {
      url: 'nats://a:4222,nats://b:4222',
      user: 'alice',
      password: 'secret',
      inbox_prefix: '_INBOX_a',
    });
    assert.deepEqual((await readContext('one', environment))?.connection, {
      ...{ servers: ['nats://a:4222', 'nats://b:4222'], user: 'alice', password: 'secret', inboxPrefix: '_INBOX_a' },
      ...{ token: undefined, credsFile: undefined, nkeySeedFile: undefined },
    });
    await save('two', { creds: '~/alice.creds', ca: '/ca.pem', cert: '/c.pem', key: '/k.pem', tls_first: true });
    const { connection } = (await readContext('two', environment)) ?? assert.fail();
    assert.equal(connection.credsFile, join(directory.path, 'alice.creds'));
    assert.deepEqual(connection.tls, {
      ...{ caFile: '/ca.pem', certFile: '/c.pem', keyFile: '/k.pem', handshakeFirst: true },
    });
    await save('three', { nkey: '/seed.nk', token: 'a-token' });
    const third = (await readContext('three', environment))?.connection;
    assert.deepEqual([third?.nkeySeedFile, third?.token], ['/seed.nk', 'a-token']);
  });

  it('is the selected one if none is named, and none without a selection', async () => {
    assert.equal(await readContext(undefined, environment), undefined);
    await save('one', {});
    await write('context.txt', 'one');
    assert.equal((await readContext(undefined, environment))?.name, 'one');
    const moved = { ...environment, XDG_CONFIG_HOME: join(directory.path, '.config') };
    assert.equal((await readContext(undefined, { ...moved, HOME: '/nonexistent' }))?.name, 'one');
  });

  it('is refused with its path, and without its content', async () => {
    const refused = async (name: string, words: RegExp) =>
      assert.rejects(readContext(name, environment), (error: Error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, words);
        assert.ok(!error.message.includes('secret'));
        return true;
      });
    await refused('gone', /context\/gone\.json: it does not exist/);
    await refused('../../etc/passwd', /cannot be the name of a context/);
    await write('context/broken.json', '{"password": "secret"');
    await refused('broken', /broken\.json: it is not JSON/);
    await save('wrong', { password: ['secret'] });
    await refused('wrong', /wrong\.json: password: /);
    await save('nsc', { nsc: 'nsc://operator/account/user', password: 'secret' });
    await refused('nsc', /cannot connect with "nsc"; use user, token, creds or nkey/);
  });

  it('gives way to flags: to each one of them, and to an address without a context as a whole', async () => {
    await save('one', { user: 'alice', password: 'secret', ca: '/ca.pem' });
    await write('context.txt', 'one');
    const own = await connectionOf({ natsUrl: 'nats://c:4222' }, environment);
    assert.deepEqual([own.servers, own.user], [['nats://c:4222'], undefined]);
    const moved = await connectionOf({ context: 'one', natsUrl: 'nats://c:4222' }, environment);
    assert.deepEqual([moved.servers, moved.user, moved.password], [['nats://c:4222'], 'alice', 'secret']);
    const other = await connectionOf({ natsUser: 'bob', natsPasswordFile: import.meta.filename }, environment);
    assert.deepEqual(
      [other.servers, other.user, other.password, other.tls?.caFile],
      [['nats://a:4222'], 'bob', undefined, '/ca.pem'],
    );
  });
});
