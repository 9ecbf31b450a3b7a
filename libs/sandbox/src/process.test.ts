import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { freePort } from './port.js';
import { isAlive } from './process.fixture.js';
import { type ProcessOptions, type RunningProcess, startProcess } from './process.js';
import { until } from './until.js';

const node = { command: process.execPath, install: 'install Node.js' };
const ready = { output: (text: string) => text.includes('ready') };

describe('a child process', () => {
  const started: RunningProcess[] = [];
  // Also after a failure: a child that is left keeps the test run from ending.
  afterEach(() => Promise.all(started.splice(0).map((child) => child.kill())));

  async function start(options: Omit<ProcessOptions, 'command' | 'install'>): Promise<RunningProcess> {
    const child = await startProcess({ ...node, ...options });
    started.push(child);
    return child;
  }

  it('is ready when its output matches', async () => {
    const child = await start({
      args: ['-e', 'console.log("ready"); setInterval(() => {}, 1e6)'],
      ready,
    });
    assert.ok(isAlive(child.pid));
    await child.stop();
    assert.equal(isAlive(child.pid), false);
    assert.match(await child.ended, /ended by SIGTERM/);
  });

  it('is ready when its port accepts connections', async () => {
    const port = await freePort();
    const script = `require('net').createServer().listen(${port}, '127.0.0.1')`;
    const child = await start({ args: ['-e', script], ready: { port } });
    await child.kill();
    assert.match(await child.ended, /ended by SIGKILL/);
  });

  it('is killed if it does not stop after SIGTERM within the grace period', async () => {
    const script = 'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1e6)';
    const child = await start({ args: ['-e', script], ready });
    await child.stop(50);
    assert.match(await child.ended, /ended by SIGKILL/);
  });

  it('that ends before it is ready is an error that quotes its last output', async () => {
    const args = ['-e', 'console.error("no such setting: frobnicate"); process.exit(3)'];
    await assert.rejects(startProcess({ ...node, args, ready }), /exit code 3.*\n.*no such setting: frobnicate/);
  });

  it('that ends before it is ready ends the wait', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const port = await freePort();
    const before = timers();
    await assert.rejects(startProcess({ ...node, args: ['-e', 'process.exit(3)'], ready: { port } }));
    assert.equal(timers(), before);
  });

  it('that is not ready in time is killed, and the error quotes its last output', async () => {
    const args = ['-e', 'console.log("pid=" + process.pid); setInterval(() => {}, 1e6)'];
    const error = await start({ args, ready, readyWithinMs: 300 }).then(() => assert.fail(), String);
    const pid = /pid=(\d+)/.exec(error)?.[1];
    assert.equal(isAlive(Number(pid)), false);
  });

  it('whose program is not on PATH is an error that says what to install', async () => {
    const started = startProcess({ command: 'k8sta-no-such', install: 'install it from example.com', ready });
    await assert.rejects(started, /k8sta-no-such is not on PATH: install it from example.com/);
  });

  for (const end of ["throw new Error('crash')", 'process.exit(3)', "process.kill(process.pid, 'SIGTERM')"]) {
    it(`does not outlive the process that started it: ${end}`, async () => {
      const module = new URL('./process.ts', import.meta.url).href;
      const script = `
        import { startProcess } from ${JSON.stringify(module)};
        const ready = { output: (text) => text.includes('ready') };
        const args = ['-c', 'echo ready; exec sleep 1000'];
        const child = await startProcess({ command: 'sh', args, install: 'sh', ready });
        process.stdout.write(child.pid + '\\n');
        setTimeout(() => { ${end}; });`;
      const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const { value: pid } = await createInterface(parent.stdout)[Symbol.asyncIterator]().next();
      assert.ok(Number(pid) > 0);
      await until(() => !isAlive(Number(pid)), { what: 'the end of the grandchild' });
    });
  }
});
