import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Bus, connectBus } from '@k8sta/bus';
import { eventId, natsUsers, natsUsersFile, passwordVariable, stateKey, type Ticket } from '@k8sta/contracts';
import {
  argumentsOf,
  type NatsServer,
  startNats,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/cli');
/** Makes the command take its pipe for a terminal. */
const aTerminal = 'Object.assign(process.stdout, { isTTY: true, columns: 60, rows: 20 })';
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Runs on a bus with the users and permissions of deploy/. */
describe('k8sta board', () => {
  let directory: TemporaryDirectory;
  let nats: NatsServer;
  let bus: Bus;
  let watcher: Bus;
  let tracks: string;
  let asTap: string[];
  const running: ChildProcess[] = [];

  before(async () => {
    directory = await temporaryDirectory('board');
    const write = async (name: string, text: string) => {
      await writeFile(join(directory.path, name), text, { mode: 0o600 });
      return join(directory.path, name);
    };
    tracks = await write(
      'tracks.yaml',
      'tracks: [{name: a, images: [{repository: acme/a}], stations: [{name: dev, applications: [a-dev]}]}]\n',
    );
    const variables = Object.keys(natsUsers).map((user) => `${passwordVariable(user)}: "secret-of-${user}"\n`);
    nats = await startNats({ config: natsUsersFile(variables.join('')) });
    const connect = async (user: 'tracker' | 'argo-watcher') => {
      const passwordFile = await write(user, `secret-of-${user}\n`);
      return connectBus({ service: user, connection: { servers: nats.url, user, passwordFile }, log: quiet });
    };
    bus = await connect('tracker');
    watcher = await connect('argo-watcher');
    const file = await write('tap-password', 'secret-of-tap\n');
    asTap = ['--nats-url', nats.url, '--tracks', tracks, '--nats-password-file', file];
    await ride('1.4.2', {
      is: 'waiting',
      next: 'dev',
      on: 'block',
      reason: 'BlockHeld',
      message: 'dev is held',
      since: anHourAgo(),
    });
  });
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });
  after(async () => {
    await bus?.close();
    await watcher?.close();
    await nats?.stop();
    await directory?.remove();
  });

  /** The board says `1h`, however long the tests take. */
  const anHourAgo = () => new Date(Date.now() - 90 * 60_000).toISOString();

  const ride = async (tag: string, state: Ticket['state']) => {
    const ticket = {
      ...{ id: tag, track: 'a', image: { repository: 'docker.io/acme/a', tag }, sender: 'dockerhub' },
      ...{ pushedAt: anHourAgo(), receivedAt: anHourAgo(), openedAt: anHourAgo(), sequence: 1, stations: [], state },
    };
    await bus.state.replace(stateKey.ticket('a', tag), JSON.stringify(ticket), 0);
  };

  /** Runs the command with its output piped. */
  const k8sta = (args: readonly string[], env: NodeJS.ProcessEnv = {}, node: readonly string[] = []) => {
    const child = spawn(process.execPath, [...node, ...main, 'board', ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    return { child, output, ended: once(child, 'close').then(([code]) => ({ code, ...output })) };
  };

  const board = ['a  docker.io/acme/a', '    ▷ 1.4.2  waiting 1h  dev is held', '  ● dev  -  ? a-dev not seen', ''];

  it('prints the board once as the user tap, and exits with 0', async () => {
    const { code, stdout, stderr } = await k8sta(['--once', ...asTap]).ended;
    assert.deepEqual([code, stderr, stdout.split('\n')], [0, '', board]);
  });

  it('reads the same environment as the services, and ignores their other variables', async () => {
    const { code, stdout, stderr } = await k8sta([], {
      K8STA_NATS_URL: nats.url,
      K8STA_TRACKS: tracks,
      K8STA_NATS_PASSWORD_FILE: join(directory.path, 'tap-password'),
      K8STA_STATUS_PORT: '9090',
    }).ended;
    assert.deepEqual([code, stderr, stdout.split('\n')], [0, '', board]);
  });

  it('lists all faults of the configuration', async () => {
    const { code, stdout, stderr } = await k8sta(['--nats-password-file', '/no/such/file']).ended;
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /K8STA_TRACKS is required/);
    assert.match(stderr, /K8STA_NATS_PASSWORD_FILE: \/no\/such\/file cannot be read: it does not exist/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });

  it('reports an unreachable server, a refused user, the wrong user and a missing K8sTA', async () => {
    const unreachable = await k8sta(['--tracks', tracks, '--nats-url', 'nats://127.0.0.1:1']).ended;
    assert.equal(unreachable.code, 1);
    assert.match(unreachable.stderr, /^NATS cannot be used: nats:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
    const stranger = await k8sta(['--tracks', tracks, '--nats-url', nats.url]).ended;
    assert.equal(stranger.code, 1);
    assert.match(stranger.stderr, /^NATS cannot be used: the server refuses our user or its secret/);
    const asTracker = ['--nats-user', 'tracker', '--nats-password-file', join(directory.path, 'tracker')];
    const service = await k8sta(['--tracks', tracks, '--nats-url', nats.url, ...asTracker]).ended;
    assert.equal(service.code, 1);
    assert.match(service.stderr, /^NATS cannot be used: .*Permissions Violation.*: connect as the user tap\n$/);
    const empty = await startNats();
    const { code, stderr } = await k8sta(['--tracks', tracks, '--nats-url', empty.url]).ended;
    await empty.stop();
    assert.equal(code, 1);
    assert.match(stderr, /^NATS cannot be used: K8sTA's streams cannot be read \(.*not found.*\)/);
  });

  it('exits with 2 on a fault of the command line', async () => {
    const { code, stderr } = await k8sta(['--onec']).ended;
    assert.equal(code, 2);
    assert.match(stderr, /unknown option '--onec'.*\n.*--once/);
  });

  it('follows the bus on a terminal, also after NATS was away, until it is interrupted, and leaves the last board there', async () => {
    const { child, output, ended } = k8sta(asTap, {}, ['--import', `data:text/javascript,${aTerminal}`]);
    await until(() => output.stdout.includes('? a-dev not seen'));
    const data = { instance: 'default', namespace: 'argocd', name: 'a-dev', uid: 'u', resourceVersion: '1' };
    const id = eventId('application.gone', 'default', 'a-dev');
    await watcher.publish({ type: 'application.gone', id, data: { ...data, observedAt: anHourAgo() } });
    await until(() => output.stdout.includes('? a-dev is gone'));
    await nats.kill();
    await until(() => output.stdout.includes('! no connection to NATS'));
    await nats.restart();
    const before = output.stdout.length;
    await until(() => /a-dev is gone/.test(output.stdout.slice(before)));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    assert.equal(code, 0);
    const last = stripVTControlCharacters(stdout).trimEnd().split('\n').slice(-3);
    assert.deepEqual(last.slice(1), ['    ▷ 1.4.2  waiting 1h  dev is held', '  ● dev  -  ? a-dev is gone']);
  });
});
