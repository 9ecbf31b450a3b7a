import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { argumentsOf } from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/bench');

describe('the bench at rest', () => {
  it('measures every process once after a ride, and adds them up', async function () {
    this.timeout(180_000);
    const args = [...main, 'rest', '--tracks', '1', '--seconds', '1', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const figures = new Map<string, { value: number; goal?: string }>();
    for (const line of stdout.trim().split('\n')) {
      const { bench, figure, value, goal } = JSON.parse(line);
      assert.ok(bench === 'rest' && value > 0 && !figures.has(figure), line);
      figures.set(figure, { value, goal });
    }
    const processes = ['argo-watcher', 'ingest', 'promoter', 'tracker', 'nats-server', 'redis-server'];
    for (const measure of ['PSS', 'RSS']) {
      const each = processes.map((name) => figures.get(`${name} (${measure})`)?.value ?? Number.NaN);
      const all = figures.get(`all of it (${measure})`)?.value ?? Number.NaN;
      assert.ok(Math.abs(all - each.reduce((sum, value) => sum + value, 0)) < 0.001, stdout);
      assert.ok(
        each.every((value) => value > 1 && value < 300),
        stdout,
      );
    }
    assert.equal(figures.get('all of it (PSS)')?.goal, '<= 300');
    assert.ok((figures.get('Git workers after the ride')?.value ?? 0) >= 1);
  });
});
