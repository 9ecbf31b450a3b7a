import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Bus, connectBus } from '@k8sta/bus';
import { eventId, everyUse, promotionWanted } from '@k8sta/contracts';
import {
  argumentsToRun,
  type NatsServer,
  type RunningProcess,
  startNats,
  startProcess,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const main = createRequire(import.meta.url).resolve('@k8sta/promoter');

describe('main', () => {
  let nats: NatsServer;
  let tracker: Bus;
  let directory: TemporaryDirectory;

  before(async () => {
    nats = await startNats();
    // The promoter waits for the streams that it creates.
    tracker = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
    directory = await temporaryDirectory('promoter');
  });
  after(async () => {
    await tracker.close();
    await nats.stop();
    await directory.remove();
  });

  function start(environment: Record<string, string>): Promise<RunningProcess> {
    return startProcess({
      command: process.execPath,
      args: [...argumentsToRun(main), main],
      install: 'Node.js',
      ready: { output: (text) => text.includes('"msg":"started"') },
      environment: {
        PATH: process.env['PATH'],
        K8STA_NATS_URL: nats.url,
        K8STA_STATUS_PORT: '0',
        K8STA_MIRRORS: join(directory.path, 'mirrors'),
        ...environment,
      },
    });
  }

  it('starts, is ready, answers, and shuts down on a signal', async () => {
    const promoter = await start({ K8STA_GIT_REPOSITORIES: 'https://git.example.com/acme/config' });
    const { statusPort } = JSON.parse(promoter.lastOutput().split('\n').at(-1) ?? '');
    assert.equal((await fetch(`http://127.0.0.1:${statusPort}/readyz`)).status, 200);
    tracker.answer(promotionWanted, async () => ({ wanted: true }));
    const failed = new Promise<string>((resolve, reject) => {
      tracker
        .consume('promotion.failed', async ({ data }) => {
          resolve(data.reason);
          return { is: 'done' };
        })
        .catch(reject);
    });
    await tracker.publish({ type: 'promotion.requested', id: eventId('promotion.requested', 'a'), data: request });
    assert.equal(await failed, 'RepositoryNotAllowed');
    await until(async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${statusPort}/metrics`)).text();
      return (
        metrics.includes('k8sta_promoter_parts_total{outcome="RepositoryNotAllowed"} 1') &&
        metrics.includes('k8sta_promoter_promotion_seconds_count 1')
      );
    });
    await promoter.stop();
    assert.match(await promoter.ended, /exit code 0/);
  });

  it('does not start with a broken Secret, and never prints a secret', async () => {
    const path = join(directory.path, 'secrets');
    await mkdir(join(path, 'acme'), { recursive: true });
    await writeFile(join(path, 'acme', 'url'), 'https://git.example.com');
    await writeFile(join(path, 'acme', 'pasword'), 'hunter2');
    await assert.rejects(start({ K8STA_GIT_CREDENTIALS: path }), (error: Error) => {
      assert.match(error.message, /exit code 1.*K8STA_GIT_CREDENTIALS: acme\/pasword: is not a key .*"password"/s);
      assert.doesNotMatch(error.message, /hunter2|at async/);
      return true;
    });
  });
});

const request = {
  ...{ promotion: 'ticket/dev/1', part: 0, parts: 1, ticket: 'ticket', track: 'storefront', station: 'dev' },
  issue: 0,
  repository: 'https://git.example.com/acme/other',
  applications: [
    {
      ...{ namespace: 'argocd', name: 'dev', sources: [{ path: 'dev' }], sourceIndex: 0 },
      image: { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' },
    },
  ],
  protectedSources: [],
  requestedAt: new Date().toISOString(),
  notAfter: new Date(Date.now() + 3_600_000).toISOString(),
};
