import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { argumentsOf } from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/cli');

describe('k8sta', () => {
  it('exits with 2 for a fault of the command line, and with 0 for its help', () => {
    const k8sta = (...args: string[]) => spawnSync(process.execPath, [...main, ...args], { encoding: 'utf8' });
    const { status, stderr } = k8sta('frobnicate');
    assert.equal(status, 2);
    assert.match(stderr, /^error: unknown command 'frobnicate'/);
    assert.equal(k8sta('--help').status, 0);
  });

  it('ends without an error when its reader closes the pipe early, as head does', async () => {
    const child = spawn(process.execPath, [...main, 'completion', 'bash'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    assert.deepEqual([code, stderr], [0, '']);
  });
});
