import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('./lifecycle.fixture.ts', import.meta.url));

interface Line {
  msg: string;
  level: string;
  waitsFor?: string;
  statusPort?: number;
}

interface Fixture {
  child: ChildProcess;
  url: string;
  lines: Line[];
  /** Resolves once it has logged this message. */
  logs(msg: string): Promise<Line>;
  /** The exit code. */
  end: Promise<number>;
}

async function start(mode = 'plain'): Promise<Fixture> {
  const child = spawn(process.execPath, ['--import', 'tsx', ...process.execArgv, fixture, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = once(child, 'close').then(([code]) => code as number);
  const lines: Line[] = [];
  const output = createInterface({ input: child.stdout }).on('line', (text) => void lines.push(JSON.parse(text)));
  const logs = async (msg: string): Promise<Line> => {
    const line = lines.find((each) => each.msg === msg);
    if (line) return line;
    await once(output, 'line');
    return logs(msg);
  };
  const { statusPort } = await logs('started');
  return { child, url: `http://127.0.0.1:${statusPort}`, lines, logs, end };
}

describe('a lifecycle, from the start of a service to its end', () => {
  let service: Fixture;
  const status = async (path: string) => {
    const answer = await fetch(`${service.url}${path}`);
    return [answer.status, await answer.text()] as const;
  };
  before(async () => {
    service = await start();
  });
  after(() => service?.child.kill('SIGKILL'));

  it('reports whether the service is ready, and why not', async () => {
    assert.deepEqual(await status('/healthz'), [200, 'ok\n']);
    assert.deepEqual(await status('/readyz'), [503, 'ear: nothing has been heard yet\n']);
    assert.match((await status('/metrics'))[1], /^k8sta_service_ready{check="ear"} 0$/m);
    service.child.kill('SIGUSR2');
    await service.logs('heard something');
    assert.deepEqual(await status('/readyz'), [200, 'ready\near: it rings\n'], 'a notice');
    const [, metrics] = await status('/metrics');
    assert.match(metrics, /process_cpu_seconds_total/);
    assert.match(metrics, /^k8sta_service_ready{check="ear"} 1$/m);
    assert.equal((await status('/'))[0], 404);
  });

  it('goes on if a metric cannot be read', async () => {
    service.child.kill('SIGHUP');
    await service.logs('broke a metric');
    assert.equal((await status('/metrics'))[0], 500);
    assert.equal((await status('/healthz'))[0], 200);
    assert.equal((await service.logs('status could not be read (bug)')).level, 'error');
  });

  it('shuts down in reverse order', async () => {
    service.child.kill('SIGTERM');
    assert.equal(await service.end, 0);
    assert.deepEqual(
      service.lines.slice(-4).map(({ msg }) => msg),
      ['shutting down', 'second, shut down first', 'first, shut down last', 'shut down'],
    );
  });
});

describe('a lifecycle', () => {
  it('exits with code 1 when the shutdown takes too long, and logs what it waited for', async () => {
    const { child, lines, end } = await start('stuck');
    child.kill('SIGTERM');
    assert.equal(await end, 1);
    assert.deepEqual([lines.at(-1)?.msg, lines.at(-1)?.waitsFor], ['shutdown took too long', 'second']);
  });

  it('logs an uncaught exception and exits with code 1', async () => {
    const { lines, end } = await start('bug');
    assert.equal(await end, 1);
    assert.ok(lines.some(({ level, msg }) => level === 'fatal' && msg === 'uncaught exception (bug)'));
  });
});
