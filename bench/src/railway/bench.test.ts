import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { argumentsOf } from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/bench');

describe("the railway's bench", () => {
  it('completes every Ticket with fewer workers than repositories, and without a delay', async function () {
    this.timeout(180_000);
    const size = ['--tracks', '2', '--repositories', '2', '--stations', '2', '--workers', '1', '--seconds', '120'];
    const args = [...main, 'railway', ...size, '--json'];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    const figures = new Map<string, { value: number; ratio?: number }>();
    for (const line of stdout.trim().split('\n')) {
      const { bench, figure, value, ratio } = JSON.parse(line);
      assert.deepEqual([bench, Number.isFinite(value)], ['railway', true], line);
      figures.set(figure, { value, ratio });
    }
    assert.equal(figures.get('Tickets completed')?.value, 2, stderr);
    assert.equal(figures.get('delays published')?.value, 0, stderr);
    assert.ok((figures.get('promotions, compared with bare pushes')?.ratio ?? 0) > 0);
    assert.equal(figures.get('commits per promotion')?.value, 1, 'each promotion makes exactly one commit');
    for (const name of ['ingest', 'tracker', 'promoter', 'argo-watcher', 'nats-server', 'Git server']) {
      assert.ok((figures.get(`processor time of a promotion: ${name}`)?.value ?? 0) > 0, name);
      assert.ok((figures.get(`peak memory (RSS): ${name}`)?.value ?? 0) > 0, name);
    }
    const [p50, p99] = ['p50', 'p99'].map((each) => figures.get(`time from a webhook to its first commit, ${each}`));
    assert.ok((p50?.value ?? 0) > 0 && (p99?.value ?? 0) >= (p50?.value ?? 0));
    assert.ok((figures.get('kilobytes to the bus per promotion')?.value ?? 0) > 0);
    assert.ok([...figures.keys()].some((figure) => figure.startsWith('promoter: from the fetch')));
  });

  it('refuses to plot a single run', async () => {
    const args = [...main, 'railway', '--plot', '.'];
    await assert.rejects(promisify(execFile)(process.execPath, args), /--plot draws .*, and needs --sweep/);
  });
});
