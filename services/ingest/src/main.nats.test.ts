import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { connectBus } from '@k8sta/bus';
import {
  argumentsToRun,
  freePort,
  type NatsServer,
  startNats,
  startService,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { senders } from './senders/index.js';

const entry = import.meta.resolve('@k8sta/ingest');
const main = fileURLToPath(entry);
const secret = 'a-secret-that-nobody-may-see';
const push = JSON.stringify({ push_data: { tag: '1.0.0' }, repository: { repo_name: 'acme/app' } });

/** Only the tracker creates the streams; ingest waits for them. */
async function createStreams({ url }: NatsServer): Promise<void> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  await (await connectBus({ service: 'tracker', connection: { servers: url }, log })).close();
}

describe('the ingest as a process', () => {
  let directory: TemporaryDirectory;
  let nats: NatsServer;
  let environment: Record<string, string>;
  const write = async (name: string, content: string) => {
    const path = join(directory.path, name);
    await writeFile(path, content);
    return path;
  };

  before(async () => {
    directory = await temporaryDirectory('ingest');
    nats = await startNats();
    await createStreams(nats);
  });
  after(async () => {
    await nats.stop();
    await directory.remove();
  });
  beforeEach(async () => {
    await mkdir(join(directory.path, 'webhooks'), { recursive: true });
    await write('webhooks/dockerhub', `${secret}\n`);
    const tracks =
      'tracks: [{name: app, images: [{repository: acme/app}], stations: [{name: dev, applications: [app]}]}]';
    environment = {
      K8STA_NATS_URL: nats.url,
      K8STA_TRACKS: await write('tracks.yaml', tracks),
      K8STA_WEBHOOK_SECRETS: join(directory.path, 'webhooks'),
      K8STA_HTTP_PORT: String(await freePort()),
    };
  });

  const post = () =>
    fetch(`http://127.0.0.1:${environment['K8STA_HTTP_PORT']}/webhooks/dockerhub/${secret}`, {
      method: 'POST',
      body: push,
      headers: { 'content-type': 'application/json' },
    });

  it('becomes ready, accepts a webhook, never logs the secret, and shuts down cleanly on SIGTERM', async () => {
    const service = await startService({ name: 'ingest', entry, environment });
    await service.ready();
    assert.equal((await post()).status, 202);
    const metrics = await (await fetch(`${service.statusUrl}/metrics`)).text();
    assert.match(metrics, /k8sta_ingest_webhooks_total\{sender="dockerhub",outcome="opened"\} 1/);
    await service.stop();
    assert.match(await service.ended, /with exit code 0$/);
    assert.match(service.lastOutput(), /"route":"\/webhooks\/dockerhub\/:secret"/);
    assert.ok(!service.lastOutput().includes(secret));
    assert.ok(!metrics.includes(secret));
  });

  it('names the line of an invalid secret in /readyz, and is not ready without a valid secret', async () => {
    const service = await startService({ name: 'ingest', entry, environment });
    await service.ready();
    const readiness = async () => {
      const response = await fetch(`${service.statusUrl}/readyz`);
      return [response.status, (await response.text()).replaceAll(directory.path, '')];
    };
    assert.deepEqual(await readiness(), [200, 'ready\n']);
    await write('webhooks/dockerhub', `${secret}\nshort\n`);
    const line = 'secrets: K8STA_WEBHOOK_SECRETS: /webhooks/dockerhub line 2 has fewer than 16 characters';
    assert.deepEqual(await readiness(), [200, `ready\n${line}\n`]);
    assert.notEqual((await post()).status, 404);
    await write('webhooks/dockerhub', '');
    const empty = 'secrets: K8STA_WEBHOOK_SECRETS: /webhooks/dockerhub holds no secret\n';
    assert.deepEqual(await readiness(), [503, empty]);
    assert.equal((await post()).status, 404);
    await service.stop();
  });

  it('takes the webhooks of a forge with the secrets of K8STA_PROPOSAL_SECRETS, and of no other directory', async () => {
    const forges = join(directory.path, 'proposals');
    await mkdir(forges, { recursive: true });
    await write('proposals/gitlab', `${secret}-of-gitlab\n`);
    const changed = { ...environment, K8STA_PROPOSAL_SECRETS: forges };
    const service = await startService({ name: 'ingest', entry, environment: changed });
    await service.ready();
    const body = JSON.stringify({ object_kind: 'push' });
    const say = async (token: string) => {
      const headers = { 'content-type': 'application/json', 'x-gitlab-token': token };
      const url = `http://127.0.0.1:${environment['K8STA_HTTP_PORT']}/proposals/gitlab`;
      return (await fetch(url, { method: 'POST', body, headers })).status;
    };
    assert.equal(await say(`${secret}-of-gitlab`), 200);
    assert.equal(await say(secret), 404);
    await write('proposals/gitlab', 'short\n');
    const readiness = await (await fetch(`${service.statusUrl}/readyz`)).text();
    assert.match(
      readiness,
      /^ready\nsecrets of forges: K8STA_PROPOSAL_SECRETS: .*gitlab line 1 has fewer than 16 characters\n$/,
    );
    await service.stop();
    await write('proposals/gitlb', secret);
    const said = await failsToStart({ K8STA_PROPOSAL_SECRETS: forges });
    assert.match(said, /K8STA_PROPOSAL_SECRETS: \/proposals\/gitlb belongs to no sender; did you mean "gitlab"\?/);
  });

  it('is not ready, and does not start, while NATS takes only smaller messages than the largest body', async () => {
    const configFile = await write('nats.conf', '');
    const small = await startNats({ configFile });
    try {
      await createStreams(small);
      const changed = { ...environment, K8STA_NATS_URL: small.url };
      const service = await startService({ name: 'ingest', entry, environment: changed });
      await service.ready();
      await write('nats.conf', 'max_payload: 65536\n');
      await small.kill();
      await small.restart();
      const fault =
        'K8STA_BODY_LIMIT is 786432, for which the NATS servers need a max_payload of 790528, and it is 65536: raise it, or lower K8STA_BODY_LIMIT';
      const readiness = async (): Promise<string> => {
        const body = await (await fetch(`${service.statusUrl}/readyz`)).text();
        // Until the connection is there again.
        return body.startsWith('nats: ') || body.startsWith('ready') ? readiness() : body;
      };
      assert.equal(await readiness(), `storage: ${fault}\n`);
      await service.stop();
      const said = await failsToStart({ K8STA_NATS_URL: small.url });
      assert.equal(said, `the configuration has 1 fault:\n  ${fault}\n`);
    } finally {
      await small.stop();
    }
  });

  it('is not ready while NATS is away, and is ready again once it is back', async () => {
    const service = await startService({ name: 'ingest', entry, environment });
    await service.ready();
    await nats.kill();
    const { status } = await fetch(`${service.statusUrl}/readyz`);
    assert.equal(status, 503);
    await nats.restart();
    await service.ready();
    await service.stop();
  });

  async function failsToStart(changed: Record<string, string>): Promise<string> {
    const child = spawn(process.execPath, [...argumentsToRun(main), main], {
      env: { PATH: process.env['PATH'], K8STA_STATUS_PORT: '0', ...environment, ...changed },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    assert.equal(code, 1, stderr);
    // Where the fault is found only after the secrets are read.
    const closed = /^(?:.*"msg":"senders without a file of secrets are closed"}\n)?$/;
    assert.match(stdout, closed);
    assert.ok(!/^\s+at /m.test(stderr), `a stack trace:\n${stderr}`);
    return stderr.replaceAll(directory.path, '');
  }

  it('refuses to start with a wrong configuration, and lists all faults without a stack trace', async () => {
    const said = await failsToStart({
      K8STA_HTTP_PORT: 'http',
      K8STA_TRACKS: '',
      K8STA_NATS_URL: 'nats://not a url',
      K8STA_BODY_LIMIT: '1',
      K8STA_BODY: '1',
    });
    assert.deepEqual(said.match(/K8STA_[A-Z_]+/g), [
      'K8STA_NATS_URL',
      'K8STA_HTTP_PORT',
      'K8STA_TRACKS',
      'K8STA_BODY_LIMIT',
      'K8STA_BODY',
    ]);
  });

  it('refuses to start with faults in the tracks files or the files of secrets', async () => {
    const tracks = await write('bad.yaml', 'tracks: [{name: a}, {name: a}]');
    assert.equal(
      await failsToStart({ K8STA_TRACKS: tracks }),
      `the tracks files have 5 faults:
  /bad.yaml:1:10: a Track needs "stations"
  /bad.yaml:1:10: a Track needs "images", or a junction that names it
  /bad.yaml:1:21: a Track needs "stations"
  /bad.yaml:1:21: a Track needs "images", or a junction that names it
  /bad.yaml:1:28: the Track "a" is already named at /bad.yaml:1:17
`,
    );
    await write('webhooks/dockerhub', 'short\nshorter\n');
    const misspelt = await write('webhooks/dockerhb', secret);
    assert.equal(
      await failsToStart({}),
      `the configuration has 3 faults:
  K8STA_WEBHOOK_SECRETS: /webhooks/dockerhb belongs to no sender; did you mean "dockerhub"?
  K8STA_WEBHOOK_SECRETS: /webhooks/dockerhub line 1 has fewer than 16 characters
  K8STA_WEBHOOK_SECRETS: /webhooks/dockerhub line 2 has fewer than 16 characters
`,
    );
    await rm(misspelt);
    await rm(join(directory.path, 'webhooks/dockerhub'));
    assert.equal(
      await failsToStart({}),
      `the configuration has 1 fault:
  K8STA_WEBHOOK_SECRETS: /webhooks holds no file named as a sender (${senders.map(({ name }) => name).join(', ')})
`,
    );
  });
});
