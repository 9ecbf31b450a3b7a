import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { childrenOf, cpuSecondsOf, cpuSecondsOfTree } from './process-stat.js';

/** Linux counts whole hundredths, of each time of each process. */
const rounding = 0.05;

describe('the processor time of a process and its descendants', () => {
  it('includes a child that runs, and the same child once it has ended', async () => {
    const { pid } = process;
    const before = await cpuSecondsOfTree(pid);
    // Far more than this process uses in the meantime.
    const burn = 'i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done; echo; read _';
    const child = spawn('sh', ['-c', burn], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    try {
      await once(child.stdout, 'data');
      assert.ok(child.pid !== undefined && (await childrenOf(pid)).includes(child.pid));
      const used = await cpuSecondsOf(child.pid);
      assert.ok(used > 2 * rounding, `${used} s`);
      assert.ok((await cpuSecondsOfTree(pid)) - before > used - rounding);
      child.stdin.end();
      await ended;
      assert.ok((await cpuSecondsOfTree(pid)) - before > used - rounding);
    } finally {
      child.kill();
      await ended;
    }
  });
});
