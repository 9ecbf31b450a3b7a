import assert from 'node:assert/strict';
import { figuresOf } from '../bench.fixture.js';

describe('the bench at rest', () => {
  it('measures every process once after a ride, and adds them up', async function () {
    this.timeout(180_000);
    const figures = await figuresOf('rest --tracks 1 --seconds 1');
    const processes = ['argo-watcher', 'ingest', 'promoter', 'tracker', 'nats-server', 'redis-server'];
    for (const measure of ['PSS', 'RSS']) {
      const each = processes.map((name) => figures.get(`${name} (${measure})`)?.value ?? Number.NaN);
      const all = figures.get(`all of it (${measure})`)?.value ?? Number.NaN;
      assert.ok(Math.abs(all - each.reduce((sum, value) => sum + value, 0)) < 0.001, `${all} is not ${each}`);
      assert.ok(
        each.every((value) => value > 1 && value < 300),
        `${each}`,
      );
    }
    assert.equal(figures.get('all of it (PSS)')?.goal, '<= 300');
    assert.ok((figures.get('Git workers after the ride')?.value ?? 0) >= 1);
  });
});
