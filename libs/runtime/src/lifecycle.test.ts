import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('./lifecycle.fixture.ts', import.meta.url));

interface Fixture {
  child: ChildProcess;
  url: string;
  lines: { msg: string; level: string; waitsFor?: string }[];
  /** The exit code. */
  end: Promise<number>;
}

async function start(mode = 'plain'): Promise<Fixture> {
  const child = spawn(process.execPath, ['--import', 'tsx', ...process.execArgv, fixture, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = once(child, 'close').then(([code]) => code as number);
  const lines: Fixture['lines'] = [];
  const url = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as { msg: string; level: string; statusPort?: number };
      lines.push(line);
      if (line.msg === 'started') resolve(`http://127.0.0.1:${line.statusPort}`);
    });
  });
  return { child, url, lines, end };
}

describe('a lifecycle', () => {
  it('reports whether the service is ready, and why not', async () => {
    const { child, url, end } = await start();
    const status = async (path: string) => {
      const answer = await fetch(`${url}${path}`);
      return [answer.status, (await answer.text()).split('\n')[0]];
    };
    assert.deepEqual(await status('/healthz'), [200, 'ok']);
    assert.deepEqual(await status('/readyz'), [503, 'ear: nothing has been heard yet']);
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    assert.match(await metrics(), /^k8sta_service_ready{check="ear"} 0$/m);
    child.kill('SIGUSR2');
    while ((await status('/readyz'))[0] !== 200);
    assert.equal(await (await fetch(`${url}/readyz`)).text(), 'ready\near: it rings\n', 'a notice');
    assert.match(await metrics(), /process_cpu_seconds_total/);
    assert.match(await metrics(), /^k8sta_service_ready{check="ear"} 1$/m);
    assert.equal((await status('/'))[0], 404);
    child.kill('SIGTERM');
    assert.equal(await end, 0);
  });

  it('goes on if a metric cannot be read', async () => {
    const { child, url, lines, end } = await start('unreadable');
    assert.equal((await fetch(`${url}/metrics`)).status, 500);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.ok(lines.some(({ level, msg }) => level === 'error' && msg === 'status could not be read (bug)'));
    child.kill('SIGTERM');
    assert.equal(await end, 0);
  });

  it('shuts down in reverse order', async () => {
    const { child, lines, end } = await start();
    child.kill('SIGTERM');
    assert.equal(await end, 0);
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['started', 'shutting down', 'second, shut down first', 'first, shut down last', 'shut down'],
    );
  });

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
