import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, connectBus, type Log } from '@k8sta/bus';
import {
  type DeployedNats,
  freePort,
  type Service,
  startDeployedNats,
  startProxy,
  startService,
  type TcpProxy,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';

const secret = 'a-secret-that-nobody-may-see';
const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const entry = import.meta.resolve('@k8sta/ingest');

/** Runs on a bus with the users and permissions of deploy/. */
describe('the ingest, killed with SIGKILL after JetStream has stored a webhook and before it has its Ticket', () => {
  let directory: TemporaryDirectory;
  let nats: DeployedNats;
  let proxy: TcpProxy;
  let tracker: Bus;
  let admin: NatsConnection;
  let ingest: Service;
  let port: number;

  before(async () => {
    directory = await temporaryDirectory('crash');
    nats = await startDeployedNats();
    proxy = await startProxy(Number(new URL(nats.url).port));
    const { servers, user, passwordFile } = nats.as('tracker');
    tracker = await connectBus({ service: 'tracker', connection: { servers, user, passwordFile }, log });
    await tracker.state.get('track.none');
    admin = await connect(nats.as('sandbox'));
    const secrets = join(directory.path, 'secrets');
    await mkdir(secrets);
    await writeFile(join(secrets, 'dockerhub'), secret);
    const tracks = join(directory.path, 'tracks.yaml');
    await writeFile(
      tracks,
      'tracks: [{name: app, images: [{repository: acme/app}], stations: [{name: dev, applications: [app]}]}]',
    );
    port = await freePort();
    ingest = await startService({
      name: 'ingest',
      entry,
      environment: {
        ...{ K8STA_NATS_URL: `nats://127.0.0.1:${proxy.port}`, K8STA_NATS_USER: 'ingest', K8STA_TRACKS: tracks },
        K8STA_NATS_PASSWORD_FILE: nats.as('ingest').passwordFile,
        ...{ K8STA_WEBHOOK_SECRETS: secrets, K8STA_HTTP_PORT: String(port) },
      },
    });
    await ingest.ready();
  });
  after(async () => {
    await ingest?.stop();
    await admin?.close();
    await tracker?.close();
    await proxy?.stop();
    await nats?.stop();
    await directory?.remove();
    assert.deepEqual(nats?.refusals.list(), []);
  });

  const post = async (tag: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/webhooks/dockerhub/${secret}`, {
      method: 'POST',
      body: JSON.stringify({ push_data: { tag }, repository: { repo_name: 'acme/app' } }),
      headers: { 'content-type': 'application/json' },
    });
    return { status: response.status, json: (await response.json()) as { tickets: { ticket: string }[] } };
  };
  /** Kills the ingest in the middle of the write that stores a delivery and then its Tickets. */
  const killBetween = (): Promise<void> =>
    new Promise((resolve, reject) => {
      proxy.watch = async ({ from, bytes }) => {
        const at = from === 'client' ? bytes.indexOf('HPUB k8sta.ticket.') : -1;
        if (at < 0) return 'forward';
        proxy.watch = undefined;
        await ingest.kill().then(resolve, reject);
        return bytes.subarray(0, at);
      };
    });
  const messages = async (stream: 'K8STA' | 'K8STA_DELIVERIES', tag: string) => {
    const { streams } = await admin.jetstreamManager();
    const { state } = await streams.info(stream);
    const found: { ticket?: string; delivery: string }[] = [];
    for (let sequence = Math.max(state.first_seq, 1); sequence <= state.last_seq; sequence++) {
      const text = (await streams.getMessage(stream, { seq: sequence })).string();
      if (text.includes(`"${tag}"`)) found.push(JSON.parse(text).data);
    }
    return found;
  };
  const crash = async (tag: string) => {
    const killed = killBetween();
    await assert.rejects(post(tag));
    await killed;
    await until(async () => (await messages('K8STA_DELIVERIES', tag)).length === 1, { what: 'the delivery' });
    assert.deepEqual(await messages('K8STA', tag), []);
  };

  it('publishes the Ticket at its next start, although its sender posts nothing again', async () => {
    await crash('1.0.0');
    await ingest.restart();
    await until(async () => (await messages('K8STA', '1.0.0')).length > 0, { what: 'the Ticket', deadlineMs: 30_000 });
    const [delivery] = await messages('K8STA_DELIVERIES', '1.0.0');
    const [opened] = await messages('K8STA', '1.0.0');
    assert.equal(opened?.delivery, delivery?.delivery);
    await ingest.ready();
    const { status, json } = await post('1.0.0');
    assert.deepEqual([status, json.tickets[0]?.ticket], [200, opened?.ticket]);
    assert.equal((await messages('K8STA', '1.0.0')).length, 1);
  });

  it('publishes one Ticket if its sender posts the webhook again while it starts', async () => {
    await crash('1.1.0');
    await ingest.restart();
    const again = async (): Promise<number> => (await post('1.1.0').catch(() => ({ status: 503 }))).status;
    await until(async () => (await again()) < 300, { what: 'an accepted webhook', deadlineMs: 30_000, everyMs: 20 });
    await until(async () => ingest.lastOutput().includes('listening for webhooks'), { what: 'the start' });
    await ingest.ready();
    assert.equal((await messages('K8STA', '1.1.0')).length, 1);
  });
});
