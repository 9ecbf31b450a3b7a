import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@k8sta/runtime';
import {
  type Certificate,
  createCertificate,
  freePort,
  type RedisServer,
  startRedis,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';
import { answerOf, openRedis, type RedisClient, RedisFault, untilReady } from './redis-connection.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('a connection to Redis', () => {
  let directory: TemporaryDirectory;
  let passwordFile: string;
  let server: RedisServer;
  let certificate: Certificate;
  let tlsUrl: string;
  let redis: RedisClient | undefined;

  beforeEach(async () => {
    directory = await temporaryDirectory('redis-connection');
    passwordFile = join(directory.path, 'password');
    await writeFile(passwordFile, 'one\n');
    const aclfile = join(directory.path, 'users.acl');
    await writeFile(aclfile, 'user tracker on >one ~k8sta:* +@all\n');
    certificate = await createCertificate(directory.path, 'redis');
    const tlsPort = await freePort();
    tlsUrl = `rediss://127.0.0.1:${tlsPort}`;
    server = await startRedis({
      settings: {
        aclfile,
        'tls-port': String(tlsPort),
        'tls-cert-file': certificate.certFile,
        'tls-key-file': certificate.keyFile,
        'tls-auth-clients': 'no',
      },
    });
  });
  afterEach(async () => {
    redis?.disconnect();
    await server.stop();
    await directory.remove();
  });

  const refused = (words: RegExp) => (error: Error) => {
    assert.ok(error instanceof ConfigError, error.stack);
    assert.match(error.message, words);
    return true;
  };

  it('authenticates an ACL user with a password from a file, over TLS with the configured CA', async () => {
    redis = openRedis({ urls: [tlsUrl], user: 'tracker', passwordFile, caFile: certificate.certFile }, quiet);
    await untilReady(redis);
    assert.equal(await redis.call('ACL', 'WHOAMI'), 'tracker');
  });

  it('explains a refusal: a wrong password, a certificate of an unknown CA', async () => {
    await writeFile(passwordFile, 'wrong');
    redis = openRedis({ urls: [server.url], user: 'tracker', passwordFile }, quiet);
    await assert.rejects(untilReady(redis), refused(/WRONGPASS/));
    redis.disconnect();
    redis = openRedis({ urls: [tlsUrl], user: 'tracker', passwordFile }, quiet);
    await assert.rejects(untilReady(redis), refused(/certificate/));
  });

  const log = (level: string) => (fields: object, message: string) =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  let logged: string[];
  const loud = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  beforeEach(() => {
    logged = [];
  });

  it('logs its loss once, and its return once', async () => {
    const port = await freePort();
    redis = openRedis({ urls: [`redis://127.0.0.1:${port}`] }, loud);
    let attempts = 0;
    redis.on('reconnecting', () => void attempts++);
    await until(() => attempts > 2);
    const late = await startRedis({ port });
    await untilReady(redis);
    redis.disconnect();
    await late.stop();
    assert.equal(logged.length, 2, logged.join('\n'));
    assert.match(logged[0] ?? '', /^warn Redis cannot be used .*ECONNREFUSED/);
    assert.match(logged[1] ?? '', /^info Redis can be used/);
  });

  it('logs a refusal as an error, without the password', async () => {
    await writeFile(passwordFile, 'hunter2');
    redis = openRedis({ urls: [server.url.replace('//', '//x:hunter2@')], user: 'tracker', passwordFile }, loud);
    await until(() => logged.length > 0);
    assert.match(logged[0] ?? '', /^error Redis cannot be used .*see K8STA_REDIS_USER and K8STA_REDIS_PASSWORD_FILE/);
    assert.doesNotMatch(logged.join('\n'), /hunter2/);
  });

  it("reports the server's error for a command, without the command", async () => {
    redis = openRedis({ urls: [server.url], user: 'tracker', passwordFile }, quiet);
    await untilReady(redis);
    await redis.replicaof('127.0.0.1', 1);
    await assert.rejects(answerOf(redis.set('k8sta:key', 'document')), (error) => {
      assert.ok(error instanceof RedisFault);
      assert.match(error.message, /^Redis: it is a read-only replica: K8STA_REDIS_URL has to lead to the primary/);
      assert.deepEqual(Object.keys(error).sort(), ['code', 'name']);
      return true;
    });
  });

  it('uses a rotated password when it reconnects', async () => {
    redis = openRedis({ urls: [server.url], user: 'tracker', passwordFile }, quiet);
    await untilReady(redis);
    await redis.call('ACL', 'SETUSER', 'tracker', 'resetpass', '>two');
    await writeFile(passwordFile, 'two');
    await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'no').catch(() => {});
    await until(async () => redis?.status === 'ready' && (await redis.ping()), { what: 'being let in again' });
  });
});
