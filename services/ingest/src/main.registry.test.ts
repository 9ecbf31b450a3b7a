import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bus, connectBus } from '@k8sta/bus';
import { everyUse } from '@k8sta/contracts';
import {
  freePort,
  type NatsServer,
  type Registry,
  registryUser,
  startNats,
  startRegistry,
  startService,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';

const secret = 'a-secret-that-nobody-may-see';
const log = { debug() {}, info() {}, warn() {}, error() {} };
const entry = import.meta.resolve('@k8sta/ingest');

describe('the ingest as a process, told to verify a sender by its registry', () => {
  let directory: TemporaryDirectory;
  let nats: NatsServer;
  let registry: Registry;
  let others: Bus;

  before(async () => {
    directory = await temporaryDirectory('verify');
    [nats, registry] = await Promise.all([startNats(), startRegistry({ auth: 'htpasswd' })]);
    others = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log });
  });
  after(async () => {
    await others?.close();
    await registry?.stop();
    await nats?.stop();
    await directory?.remove();
  });

  const write = async (name: string, content: unknown) => {
    const path = join(directory.path, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  it('asks with the configured credentials, and believes only what the registry has', async () => {
    const repository = `${registry.host}/acme/app`;
    const digest = await registry.push('acme/app', '1.0.0');
    await mkdir(join(directory.path, 'secrets'));
    await write('secrets/quay.robot', secret);
    const port = await freePort();
    const stations = [{ name: 'dev', applications: ['app'] }];
    const service = await startService({
      name: 'ingest',
      entry,
      environment: {
        K8STA_NATS_URL: nats.url,
        K8STA_TRACKS: await write('tracks.yaml', { tracks: [{ name: 'app', images: [{ repository }], stations }] }),
        K8STA_WEBHOOK_SECRETS: join(directory.path, 'secrets'),
        K8STA_WEBHOOK_VERIFY: 'quay',
        K8STA_REGISTRY_CREDENTIALS: await write('config.json', { auths: { [registry.host]: registryUser } }),
        K8STA_HTTP_PORT: String(port),
      },
    });
    const post = async (tag: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/webhooks/quay/${secret}`, {
        method: 'POST',
        body: JSON.stringify({ docker_url: repository, updated_tags: [tag] }),
        headers: { 'content-type': 'application/json' },
      });
      return [response.status, ((await response.json()) as { reason?: string }).reason];
    };
    try {
      await service.ready();
      assert.deepEqual(await post('1.0.0'), [202, undefined]);
      assert.deepEqual(await post('1.0.1'), [422, 'TagNotInRegistry']);
    } finally {
      await service.stop();
    }
    const opened = await others.since('ticket.opened', { track: 'app' }, new Date(0));
    assert.deepEqual(
      opened.map(({ data }) => data.image),
      [{ repository, tag: '1.0.0', digest }],
    );
    const [delivery, ...more] = await others.since('delivery.received', { sender: 'quay' }, new Date(0));
    assert.deepEqual([delivery?.data.provenBy, more], ['quay.robot:1', []]);
    assert.ok(!service.lastOutput().includes(secret) && !service.lastOutput().includes(registryUser.password));
  });
});
