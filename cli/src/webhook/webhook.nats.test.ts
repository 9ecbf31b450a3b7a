import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Bus, connectBus } from '@k8sta/bus';
import { stateKey, ticketId } from '@k8sta/contracts';
import {
  argumentsOf,
  type DeployedNats,
  freePort,
  type Service,
  startDeployedNats,
  startService,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { connect } from 'nats';

const main = argumentsOf('@k8sta/cli');
const require = createRequire(import.meta.url);
const secret = 'a-secret-that-nobody-may-see';
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Runs the command as a person does. */
function k8sta(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return k8staWith({}, ...args);
}

function k8staWith(more: NodeJS.ProcessEnv, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...more };
    execFile(process.execPath, [...main, ...args], { timeout: 30_000, env }, (error, out, err) => {
      resolve({ code: Number(error?.code ?? 0), out, err });
    });
  });
}

/** Runs on a bus with the users and permissions of deploy/, with ingest as a process. */
describe('k8sta webhook', () => {
  let directory: TemporaryDirectory;
  let nats: DeployedNats;
  let tracker: Bus;
  let ingest: Service;
  let tracks: string;
  let port: number;
  const as = (user: string) => ['--nats-url', nats.url, '--nats-password-file', nats.as(user).passwordFile];

  before(async () => {
    directory = await temporaryDirectory('webhook');
    nats = await startDeployedNats();
    const { servers, user, passwordFile } = nats.as('tracker');
    tracker = await connectBus({ service: 'tracker', connection: { servers, user, passwordFile }, log: quiet });
    await tracker.state.get('track.none');
    const secrets = join(directory.path, 'secrets');
    await mkdir(secrets);
    await writeFile(join(secrets, 'dockerhub'), secret);
    tracks = join(directory.path, 'tracks.yaml');
    await writeFile(
      tracks,
      'tracks: [{name: app, images: [{repository: acme/app}], stations: [{name: dev, applications: [app]}]}]',
    );
    port = await freePort();
    ingest = await startService({
      name: 'ingest',
      entry: pathToFileURL(require.resolve('@k8sta/ingest')).href,
      environment: {
        ...{ K8STA_NATS_URL: nats.url, K8STA_NATS_USER: 'ingest', K8STA_TRACKS: tracks },
        K8STA_NATS_PASSWORD_FILE: nats.as('ingest').passwordFile,
        ...{ K8STA_WEBHOOK_SECRETS: secrets, K8STA_HTTP_PORT: String(port) },
      },
    });
    await ingest.ready();
  });
  after(async () => {
    await ingest?.stop();
    await tracker?.close();
    await nats?.stop();
    await directory?.remove();
  });

  const body = (tag: string) => JSON.stringify({ push_data: { tag }, repository: { repo_name: 'acme/app' } });
  const post = async (tag: string) => {
    const url = `http://127.0.0.1:${port}/webhooks/dockerhub/${secret}`;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: body(tag) });
    return (await response.json()) as { tickets: { ticket: string }[] };
  };
  /** The ids that the list names, by image. */
  const idOf = async (image: string) => {
    const { out } = await k8sta('webhook', 'list', ...as('tap'));
    const line = out.split('\n').find((each) => each.endsWith(image)) ?? assert.fail(`${image} is not in:\n${out}`);
    return line.split(/\s+/)[3] ?? '';
  };

  it('lists the stored webhooks and shows one', async () => {
    assert.equal((await k8sta('webhook', 'list', ...as('tap'))).out, 'the bus holds no webhook\n');
    await post('1.0.0');
    await post('latest');
    const { out } = await k8sta('webhook', 'list', ...as('tap'));
    assert.match(
      out,
      /^RECEIVED +SENDER +SECRET +ID +IMAGES\n\S+Z {2}dockerhub {2}dockerhub:1 {2}[0-9a-f]{12} {2}docker.io\/acme\/app:1.0.0\n.*acme\/app:latest\n$/,
    );
    const shown = await k8sta('webhook', 'show', await idOf('acme/app:1.0.0'), ...as('tap'));
    assert.match(
      shown.out,
      /^sender: {3}dockerhub\nsecret: {3}dockerhub:1\nid: {7}[0-9a-f]{64}\n.*image: {4}docker.io\/acme\/app:1.0.0, pushed /s,
    );
    assert.ok(shown.out.endsWith(`\n\n${body('1.0.0')}\n`));
    assert.match(shown.out, /\nticket: {3}[0-9a-f]{16} on app\n/);
    assert.ok(!shown.out.includes(secret));
    const none = await k8sta('webhook', 'show', 'nothing', ...as('tap'));
    assert.deepEqual([none.code, none.out], [1, '']);
    assert.match(none.err, /the bus holds no webhook "nothing"; webhooks are kept for a day/);
  });

  it('replays a webhook: opens the Ticket that was lost, and says then that it is a repeat', async () => {
    const { tickets } = await post('2.0.0');
    const [known = ''] = tickets.map((each) => each.ticket);
    const replay = async (tag: string) => k8sta('webhook', 'replay', await idOf(`acme/app:${tag}`), ...as('operator'));
    const said = (outcome: string, ticket: string, tag: string, state: string) => ({
      code: 0,
      out: `${outcome}\n  app: Ticket ${ticket} of docker.io/acme/app:${tag}: ${state}\n`,
      err: '',
    });
    assert.deepEqual(await replay('2.0.0'), said('repeated', known, '2.0.0', 'repeats a Ticket that is opened'));

    // A webhook whose Ticket was lost.
    const admin = await connect(nats.as('sandbox'));
    const { streams } = await admin.jetstreamManager();
    const subject = 'k8sta.delivery.dockerhub.received';
    const { data: stored, ...envelope } = JSON.parse(
      (await streams.getMessage('K8STA_DELIVERIES', { last_by_subj: subject })).string(),
    );
    const image = { repository: 'docker.io/acme/app', tag: '2.1.0' };
    const { opens: _opens, ...rest } = stored;
    const lost = { ...rest, delivery: 'f'.repeat(64), pushes: [{ image, pushedAt: stored.receivedAt }] };
    await admin.jetstream().publish(subject, JSON.stringify({ ...envelope, data: lost }));
    const ticket = ticketId('app', image);
    assert.deepEqual(await replay('2.1.0'), said('opened', ticket, '2.1.0', 'opened'));
    const { data } = JSON.parse(
      (await streams.getMessage('K8STA', { last_by_subj: 'k8sta.ticket.app.opened' })).string(),
    );
    assert.deepEqual([data.ticket, data.image.tag, data.sender], [ticket, '2.1.0', 'dockerhub']);

    const since = new Date().toISOString();
    const times = { pushedAt: since, receivedAt: since, openedAt: since };
    const state = { is: 'completed', since };
    const head = { id: ticket, track: 'app', image: data.image, sender: 'dockerhub', sequence: 1, stations: [] };
    const value = JSON.stringify({ ...head, ...times, state });
    await tracker.state.replace(stateKey.ticket('app', ticket), value, 0);
    assert.deepEqual(await replay('2.1.0'), said('repeated', ticket, '2.1.0', 'repeats a Ticket that is completed'));
    await admin.close();
  });

  it('replays nothing that no Track subscribes to, and nothing for a user that may only read', async () => {
    const id = await idOf('acme/app:latest');
    const { code, err } = await k8sta('webhook', 'replay', id, ...as('operator'));
    assert.deepEqual([code, err], [1, 'notSubscribed\n  tag latest of docker.io/acme/app is not strict semver\n']);
    const denied = await k8sta('webhook', 'replay', id, ...as('tap'), '--nats-user', 'tap');
    assert.equal(denied.code, 1);
    assert.match(denied.err, /NATS does not let this user publish k8sta\.api\.replay: connect as the user operator/);
  });

  it('lists and replays webhooks with a context of the NATS CLI, by default the selected one', async () => {
    const contexts = join(directory.path, 'nats/context');
    await mkdir(contexts, { recursive: true });
    for (const user of ['tap', 'operator']) {
      const context = { url: nats.url, user, password: nats.as(user).pass };
      await writeFile(join(contexts, `${user}.json`), JSON.stringify(context));
    }
    await writeFile(join(directory.path, 'nats/context.txt'), 'tap\n');
    const run = (...args: string[]) => k8staWith({ XDG_CONFIG_HOME: directory.path }, 'webhook', ...args);
    const listed = await run('list');
    assert.deepEqual([listed.code, listed.err], [0, '']);
    assert.match(listed.out, /acme\/app:latest\n/);
    const id = await idOf('acme/app:2.0.0');
    const replayed = await run('replay', id, '--context', 'operator');
    assert.match(replayed.out, /^repeated\n/, replayed.err);
    const denied = await run('replay', id);
    assert.match(denied.err, /NATS does not let this user publish k8sta\.api\.replay: connect as the user operator/);
    const missing = await run('list', '--context', 'missing');
    assert.equal(missing.code, 1);
    assert.match(missing.err, /the context "missing" of the NATS CLI cannot be read/);
  });
});
