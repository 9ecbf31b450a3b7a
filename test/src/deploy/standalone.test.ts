import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { inboxOf, natsUsers, stateBucket, stateKey, tap } from '@k8sta/contracts';
import {
  type ArgoCd,
  freePort,
  type NatsServer,
  type RedisServer,
  type Service,
  startArgoCd,
  startNats,
  startRedis,
  startService,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';
import { connect } from 'nats';
import { mount, printedSecrets } from './cluster.js';
import { deploymentOf, environmentOf, type ServiceName, serviceNames } from './environment.js';
import { find, kustomize, type Manifest, parseManifests, render, renderWith, workloads } from './kustomize.js';

const require = createRequire(import.meta.url);
const run = promisify(execFile);

/** As docs/install.md has it made. */
const gitSecret = parseManifests(`
apiVersion: v1
kind: Secret
metadata: {name: k8sta-git, namespace: k8sta}
stringData: {url: https://github.com/acme, password: secret}
`);

/** Changes lines of a mounted configuration where it is, so that its includes are read as nats-server reads them. */
async function withoutLines(file: string, lines: RegExp): Promise<string> {
  const text = await readFile(file, 'utf8');
  const kept = text.split('\n').filter((line) => !lines.test(line));
  await writeFile(file, kept.join('\n').replace('$POD_NAME', 'k8sta-nats-0'));
  return file;
}

describe('deploy: what the standalone overlay runs', () => {
  let directory: TemporaryDirectory;
  let objects: Manifest[];
  let nats: NatsServer;
  let redis: RedisServer;
  let argo: ArgoCd;
  /** The lines of the configuration that the nats-server of this machine does not know, as a pattern. */
  let unknown: string;
  const services: Partial<Record<ServiceName, Service>> = {};
  let webhookPort: number;
  let boardPort: number;

  before(async function () {
    if (!kustomize) this.skip();
    directory = await temporaryDirectory('standalone');
    objects = [...(await render('overlays/standalone')), ...(await printedSecrets()), ...gitSecret];
    const { stdout } = await run('nats-server', ['--version']);
    unknown = /v2\.[0-9]\./.test(stdout) ? '^ *sync_interval: ' : '^(?!)';
    webhookPort = await freePort();
    boardPort = await freePort();
  });
  after(async () => {
    for (const service of Object.values(services)) await service.stop();
    for (const server of [argo, redis, nats]) await server?.stop();
    await directory?.remove();
  });

  const workload = (name: string) => {
    const found = workloads(objects).find(({ metadata }) => metadata.name === name);
    assert.ok(found, name);
    return found;
  };

  it('is a nats-server and a redis-server that their configurations start', async () => {
    const natsBelow = await mount(workload('k8sta-nats'), objects, join(directory.path, 'nats'));
    const file = await withoutLines(natsBelow('/etc/nats/nats.conf'), new RegExp(`${unknown}|^ *(http|store_dir): `));
    nats = await startNats({ directory: natsBelow('/data'), configFile: file });
    const redisBelow = await mount(workload('k8sta-redis'), objects, join(directory.path, 'redis'));
    const lines = (await readFile(redisBelow('/etc/redis/redis.conf'), 'utf8')).trim().split('\n');
    const settings = Object.fromEntries(
      lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ').replaceAll('"', '')]),
    );
    redis = await startRedis({
      directory: redisBelow('/data'),
      settings: { ...settings, aclfile: redisBelow('/etc/redis/users.acl') },
    });
  });

  it('is five services that become ready in the environment and with the files that their pods have', async () => {
    argo = await startArgoCd({ git: { username: 'a', password: 'b' }, applications: [] });
    const start = async (service: ServiceName) => {
      const below = await mount(deploymentOf(objects, service), objects, join(directory.path, service));
      const rendered = Object.entries(environmentOf(objects, service));
      const environment = Object.fromEntries(
        rendered.map(([name, value]) => [name, value.startsWith('/') ? below(value) : value]),
      );
      // What the cluster would do: names lead to addresses, and a pod is a host of its own.
      const cluster = {
        K8STA_NATS_URL: nats.url,
        ...(service === 'tracker' ? { K8STA_REDIS_URL: redis.url } : {}),
        ...(service === 'ingest' ? { K8STA_HTTP_PORT: String(webhookPort) } : {}),
        ...(service === 'board' ? { K8STA_HTTP_PORT: String(boardPort) } : {}),
        ...(service === 'argo-watcher' ? { KUBECONFIG: argo.kubeconfig } : {}),
      };
      const name = service === 'board' ? '@k8sta/board-service' : `@k8sta/${service}`;
      const entry = pathToFileURL(require.resolve(name)).href;
      services[service] = await startService({ name: service, entry, environment: { ...environment, ...cluster } });
      await services[service].ready();
    };
    await Promise.all(serviceNames.map(start));
    assert.doesNotMatch(services.tracker?.lastOutput() ?? '', /Redis (has|does not)/, 'Redis is as it should be');
  });

  it('takes a webhook with the secret that secrets.sh made, and opens a Ticket', async () => {
    const secret = find(objects, 'Secret', 'k8sta-webhooks').stringData?.['dockerhub']?.trim();
    const body = {
      push_data: { tag: '1.4.2', pushed_at: 1_767_323_045 },
      repository: { repo_name: 'acme/storefront' },
    };
    const answer = await fetch(`http://127.0.0.1:${webhookPort}/webhooks/dockerhub/${secret}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 202, await answer.clone().text());
    const pass = find(objects, 'Secret', 'k8sta-nats-tap').stringData?.['password']?.trim() ?? '';
    const connection = await connect({ servers: nats.url, user: tap, pass, inboxPrefix: inboxOf(tap) });
    const bucket = await connection.jetstream().views.kv(stateBucket, { bindOnly: true });
    const {
      tickets: [opened],
    } = (await answer.json()) as { tickets: { ticket: string }[] };
    const key = stateKey.ticket('storefront', opened?.ticket ?? '');
    // A message whose first delivery is lost at the start comes again after the ack wait of ten seconds.
    await until(() => bucket.get(key), { what: 'the Ticket in the state bucket', deadlineMs: 60_000 });
    await connection.close();
  });

  it('has a password for each NATS user, and its own only in each Secret', async () => {
    for (const user of Object.keys(natsUsers)) {
      const { stringData } = find(objects, 'Secret', `k8sta-nats-${user}`);
      assert.deepEqual(Object.keys(stringData ?? {}), ['password']);
    }
  });

  it('is, as three, a cluster whose configuration nats-server accepts', async () => {
    const three = [...(await renderWith('nats', 'nats-cluster')), ...objects.filter(({ kind }) => kind === 'Secret')];
    const statefulSet = workloads(three).find(({ metadata }) => metadata.name === 'k8sta-nats');
    assert.ok(statefulSet);
    assert.equal(statefulSet.spec.replicas, 3);
    const below = await mount(statefulSet, three, join(directory.path, 'three'));
    const file = await withoutLines(below('/etc/nats/nats.conf'), new RegExp(unknown));
    const { stderr } = await run('nats-server', ['--config', file, '-t']);
    assert.match(stderr, /is valid/);
  });
});
