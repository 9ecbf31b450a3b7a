import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Bus, connectBus, done, type Log } from '@k8sta/bus';
import { everyUse } from '@k8sta/contracts';
import {
  type ArgoCd,
  argumentsToRun,
  type NatsServer,
  type Service,
  startArgoCd,
  startNats,
  startService,
  status,
  until,
} from '@k8sta/sandbox';

const entry = import.meta.resolve('@k8sta/argo-watcher');
const main = fileURLToPath(entry);
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const spec = { repoURL: 'http://127.0.0.1:1/deploy.git', targetRevision: 'main', path: '.' };

describe('argo-watcher', () => {
  let nats: NatsServer;
  let argo: ArgoCd;
  let bus: Bus;
  let watcher: Service;
  const started: Service[] = [];
  /** The events for the tracker: a name and its health, or that it is gone. */
  let received: string[];
  let beats: string[];

  beforeEach(async () => {
    [nats, argo] = await Promise.all([startNats(), startArgoCd({ pollMs: 0, bookmarkMs: 100 })]);
    for (const name of ['a', 'b']) argo.createApplication({ ...spec, name });
    received = [];
    beats = [];
    bus = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
    await bus.consume('application.observed', async ({ data }) => {
      received.push(`${data.name} ${data.health.status}`);
      return done;
    });
    await bus.consume('application.gone', async ({ data }) => {
      received.push(`${data.name} gone`);
      return done;
    });
    await bus.consume('application.current', async ({ data }) => {
      beats.push(data.asOf);
      return done;
    });
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((service) => service.stop()));
    await bus.close();
    await Promise.all([argo.stop(), nats.stop()]);
  });

  async function start(environment: Record<string, string> = {}): Promise<void> {
    watcher = await startService({
      name: 'argo-watcher',
      entry,
      environment: {
        K8STA_NATS_URL: nats.url,
        KUBECONFIG: argo.kubeconfig,
        K8STA_HEARTBEAT_MS: '100',
        K8STA_WATCH_IDLE_MS: '3000',
        ...environment,
      },
    });
    started.push(watcher);
  }
  const health = (name: string, to: 'Healthy' | 'Degraded') =>
    argo.changeApplication(name, (application) => {
      application.status = { ...application.status, health: { status: to } };
    });
  const hears = (words: string) => until(() => received.includes(words), { what: words });
  /** A heartbeat for a moment after this one. */
  async function isCurrent(): Promise<void> {
    const since = new Date().toISOString();
    await until(() => beats.some((asOf) => asOf > since), { what: 'a heartbeat' });
  }
  const notReady = async () => (await fetch(`${watcher.statusUrl}/readyz`)).text();

  it('publishes what exists, what changes and what goes, also after a lost resourceVersion', async () => {
    await start();
    await watcher.ready();
    await until(() => received.length >= 2);
    await isCurrent();
    health('a', 'Degraded');
    await hears('a Degraded');
    argo.faults.closeWatches('destroy');
    argo.deleteApplication('b');
    await hears('b gone');
    argo.faults.silenceWatches(true);
    argo.createApplication({ ...spec, name: 'c' });
    argo.faults.forgetHistory();
    argo.faults.silenceWatches(false);
    argo.faults.closeWatches('destroy');
    await until(() => received.some((words) => words.startsWith('c ')));
    await isCurrent();
    await watcher.kill('SIGTERM');
    assert.equal(await watcher.ended.then((words) => /exit code 0/.test(words)), true);
  });

  it('publishes nothing twice if two replicas run', async () => {
    await start();
    await start();
    await Promise.all(started.map((service) => service.ready()));
    await until(() => received.length >= 2);
    health('a', 'Degraded');
    argo.deleteApplication('b');
    await until(() => received.length >= 4);
    await isCurrent();
    assert.deepEqual(received.toSorted(), ['a Degraded', 'a Unknown', 'b Unknown', 'b gone']);
  });

  it('reports as gone what was deleted while no watcher ran', async () => {
    await start();
    await watcher.ready();
    await until(() => received.length >= 2);
    await watcher.kill();
    argo.deleteApplication('b');
    argo.createApplication({ ...spec, name: 'c' });
    await watcher.restart();
    await hears('b gone');
    await hears('c Unknown');
    await isCurrent();
    assert.equal(received.filter((words) => words === 'b gone').length, 1);
  });

  it('is not ready and publishes no heartbeat while Kubernetes is silent', async () => {
    await start();
    await watcher.ready();
    await isCurrent();
    argo.faults.answer(() => 'drop');
    argo.faults.closeWatches('destroy');
    await until(async () => (await notReady()).includes('kubernetes: watch applications.argoproj.io'));
    const last = beats.at(-1);
    argo.faults.answer((request) => status.forbidden(request, request.verb));
    await until(async () => (await notReady()).includes('the verb "watch" on applications.argoproj.io'));
    assert.equal(beats.at(-1), last);
    argo.faults.answer(undefined);
    health('b', 'Degraded');
    await hears('b Degraded');
    await watcher.ready();
    await isCurrent();
  });

  it('publishes sync windows if it may read them, and continues without them if not', async () => {
    argo.putProject('shop', { syncWindows: [{ kind: 'deny', schedule: '0 22 * * *', duration: '8h' }] });
    argo.faults.answer((request) =>
      request.resource === 'appprojects' ? status.forbidden(request, request.verb) : undefined,
    );
    const windows: string[] = [];
    await bus.consume('project.observed', async ({ data }) => {
      windows.push(`${data.name} ${data.syncWindows.map(({ schedule }) => schedule)}`);
      return done;
    });
    await start();
    await watcher.ready();
    await isCurrent();
    await until(() => /"list.*appprojects\.argoproj\.io.*continuing without/.test(watcher.lastOutput()));
    assert.equal(windows.length, 0);
    argo.faults.answer(undefined);
    await until(() => windows.includes('shop 0 22 * * *'));
    argo.putProject('shop', { syncWindows: [] });
    await until(() => windows.includes('shop '));
  });

  it('publishes what happened while NATS was away', async () => {
    await start();
    await watcher.ready();
    await isCurrent();
    await nats.kill();
    health('a', 'Degraded');
    await until(async () => /k8sta_watcher_waiting 1/.test(await (await fetch(`${watcher.statusUrl}/metrics`)).text()));
    await nats.restart();
    await hears('a Degraded');
    await isCurrent();
  });

  it('asks Argo CD for a refresh if it may', async () => {
    await start({ K8STA_REFRESH: 'true' });
    await watcher.ready();
    const asked = argo.until('a', ({ metadata }) => metadata.annotations?.['argocd.argoproj.io/refresh'] === 'normal');
    const requestedAt = new Date().toISOString();
    await bus.publish({
      type: 'application.refresh',
      id: 'application.refresh/a/1',
      data: { instance: 'default', namespace: 'argocd', name: 'a', message: 'behind', requestedAt },
    });
    await asked;
  });

  it('exits with a reason if it finds no cluster', async () => {
    const child = spawn(process.execPath, [...argumentsToRun(main), main], {
      env: { PATH: process.env['PATH'], KUBECONFIG: '/does/not/exist' },
    });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    assert.equal(code, 1);
    assert.match(said, /KUBECONFIG: .*\/does\/not\/exist/);
    assert.doesNotMatch(said, /\n\s+at /, 'a person needs no stack trace for this');
  });
});
