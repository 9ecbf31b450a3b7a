import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Certificate,
  createCertificate,
  type NatsServer,
  startNats,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';
import { type NatsConnection, nkeys } from 'nats';
import { quiet } from './bus.fixture.js';
import { type BusConnection, openConnection } from './connection.js';
import { BusRefusal } from './refusal.js';

describe('a connection to NATS', () => {
  let directory: TemporaryDirectory;
  let certificate: Certificate;
  let nats: NatsServer | undefined;
  let connection: NatsConnection | undefined;

  before(async () => {
    directory = await temporaryDirectory('connection');
    certificate = await createCertificate(directory.path, 'nats');
  });
  after(() => directory.remove());
  afterEach(async () => {
    await connection?.close();
    await nats?.stop();
    nats = undefined;
    connection = undefined;
  });

  const write = async (name: string, text: string): Promise<string> => {
    const path = join(directory.path, name);
    await writeFile(path, text);
    return path;
  };
  const open = async (how: Partial<BusConnection>, log = quiet): Promise<void> => {
    connection = await openConnection('ingest', { servers: nats?.url ?? '', ...how }, log);
    await connection.flush();
  };
  const refused = (words: RegExp) => (error: Error) => {
    assert.ok(error instanceof BusRefusal, error.stack);
    assert.match(error.message, words);
    return true;
  };
  const tlsOf = ({ certFile, keyFile }: Certificate) => `cert_file: "${certFile}", key_file: "${keyFile}"`;

  it('authenticates with a user and a password from a file', async () => {
    nats = await startNats({ config: 'authorization: {user: ingest, password: "one"}' });
    await open({ user: 'ingest', passwordFile: await write('password', 'one\n') });
  });

  it('authenticates with an nkey from a seed file', async () => {
    const user = nkeys.createUser();
    nats = await startNats({ config: `authorization: {users: [{nkey: ${user.getPublicKey()}}]}` });
    const nkeySeedFile = await write('seed', `${new TextDecoder().decode(user.getSeed())}\n`);
    await open({ nkeySeedFile });
  });

  it('authenticates with a JWT from a creds file', async () => {
    const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
    const [accountKey, userKey] = [account.getPublicKey(), user.getPublicKey()];
    const system = nkeys.createAccount().getPublicKey();
    const preload = [accountKey, system].map((key) => `${key}: ${jwt(operator, key, 'account')}`);
    const config = `operator: ${jwt(operator, operator.getPublicKey(), 'operator')}
resolver: MEMORY
system_account: ${system}
resolver_preload: {${preload.join(', ')}}`;
    nats = await startNats({ config });
    const seed = new TextDecoder().decode(user.getSeed());
    const creds = [
      '-----BEGIN NATS USER JWT-----',
      jwt(account, userKey, 'user'),
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      seed,
      '------END USER NKEY SEED------',
      '',
    ].join('\n');
    await open({ credsFile: await write('creds', creds) });
  });

  it('verifies the server with the configured CA, and presents its own certificate', async () => {
    const own = await createCertificate(directory.path, 'ingest');
    nats = await startNats({ config: `tls: {${tlsOf(certificate)}, ca_file: "${own.certFile}", verify: true}` });
    const servers = nats.url.replace('nats:', 'tls:');
    await open({ servers, tls: { caFile: certificate.certFile, ...own } });
    await assert.rejects(open({ tls: { caFile: own.certFile, ...own } }), refused(/certificate/));
  });

  it('explains that the password is wrong', async () => {
    nats = await startNats({ config: 'authorization: {user: ingest, password: "one"}' });
    const passwordFile = await write('wrong', 'two');
    await assert.rejects(open({ user: 'ingest', passwordFile }), refused(/refuses our user/));
  });

  it('waits for a server that starts later', async () => {
    nats = await startNats();
    await nats.kill();
    let warned = () => {};
    const waiting = new Promise<void>((resolve) => {
      warned = resolve;
    });
    const opening = open({}, { ...quiet, warn: () => warned() });
    await waiting;
    await nats.restart();
    await opening;
  });

  it('uses a rotated password, even if the server accepts it later', async () => {
    const serverFile = await write('rotating.conf', 'authorization: {user: ingest, password: "one"}');
    const passwordFile = await write('rotating', 'one');
    nats = await startNats({ config: `include "../${directory.path.split('/').at(-1)}/rotating.conf"` });
    await open({ user: 'ingest', passwordFile });
    let refusals = 0;
    await rename(await write('rotating.new', 'two'), passwordFile);
    void (async () => {
      for await (const { type } of connection?.status() ?? []) if (type === 'error') refusals += 1;
    })();
    await nats.restart();
    await until(() => refusals >= 3, { what: 'being refused with the new password' });
    await writeFile(serverFile, 'authorization: {user: ingest, password: "two"}');
    await nats.restart();
    await until(
      () =>
        connection?.flush().then(
          () => true,
          () => false,
        ),
      { what: 'being let in again' },
    );
  });
});

/** https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt */
function jwt(issuer: ReturnType<typeof nkeys.createUser>, subject: string, type: string): string {
  const encode = (value: object | Uint8Array) =>
    Buffer.from(value instanceof Uint8Array ? value : JSON.stringify(value)).toString('base64url');
  const header = encode({ typ: 'JWT', alg: 'ed25519-nkey' });
  const unlimited = { subs: -1, data: -1, payload: -1, conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true };
  const limits =
    type === 'operator' ? {} : type === 'account' ? { limits: unlimited } : { subs: -1, data: -1, payload: -1 };
  const claims = { jti: subject, iat: 0, iss: issuer.getPublicKey(), name: type, sub: subject };
  const body = encode({ ...claims, nats: { type, version: 2, ...limits } });
  return `${header}.${body}.${encode(issuer.sign(new TextEncoder().encode(`${header}.${body}`)))}`;
}
