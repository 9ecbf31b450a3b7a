import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../../chaos/src/main.ts', import.meta.url));

/** A short run of `npm run chaos`; docs/reliability.md has the long ones. */
describe('a railway on which everything breaks', () => {
  it('moves each of 30 Tickets to its end while 6 processes are killed, and commits nothing twice', async function () {
    this.timeout(600_000);
    const logs = await mkdtemp(join(tmpdir(), 'k8sta-chaos-'));
    const size = ['--seed', '20260301', '--tickets', '30', '--kills', '6', '--tracks', '8', '--stuck', '120'];
    const args = [...process.execArgv, main, ...size, '--json', '--logs', logs];
    const run = promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
    // With the exit code 1 the output still says which promise is broken.
    const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
    assert.notEqual(stdout, '', stderr);
    const { breaches, tickets, kills } = JSON.parse(stdout);
    assert.deepEqual(breaches, [], `logs: ${logs}`);
    assert.deepEqual([tickets, kills], [30, 6]);
    await rm(logs, { recursive: true });
  });
});
