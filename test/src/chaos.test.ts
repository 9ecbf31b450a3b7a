import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { argumentsToRun } from '@k8sta/sandbox';

const main = fileURLToPath(new URL('../../chaos/src/main.ts', import.meta.url));

/** A short run of `npm run chaos`; docs/reliability.md has the long ones. */
describe('a railway on which everything breaks', () => {
  it('moves each of 12 Tickets to its end while 5 processes are killed, and commits nothing twice', async function () {
    this.timeout(600_000);
    const logs = await mkdtemp(join(tmpdir(), 'k8sta-chaos-'));
    // This seed kills a promoter, a tracker, an argo-watcher, nats-server and redis-server, loses answers of pushes and of the
    // forge, and sets clocks back; some promotions have two parts, one Track fails, and people and K8sTA merge pull requests.
    const size = ['--seed', '269256', '--tickets', '12', '--kills', '5', '--tracks', '5', '--stuck', '150'];
    const args = [...argumentsToRun(main), main, ...size, '--json', '--logs', logs];
    const run = promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
    // With the exit code 1 the output still says which promise is broken.
    const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
    assert.notEqual(stdout, '', stderr);
    const { breaches, tickets, kills, failedStarts, merges } = JSON.parse(stdout);
    assert.deepEqual(breaches, [], `logs: ${logs}`);
    // A replica that has just failed to start cannot be killed.
    assert.deepEqual([tickets, kills >= 5 - failedStarts], [12, true], `${kills} kills`);
    assert.ok(merges > 0, 'no pull request was merged');
    await rm(logs, { recursive: true });
  });
});
