import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { argumentsOf } from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/bench');

describe("the railway's bench", () => {
  it('completes every Ticket with fewer workers than repositories, and without a delay', async function () {
    this.timeout(180_000);
    const size = ['--tracks', '6', '--repositories', '4', '--stations', '2', '--workers', '2', '--seconds', '120'];
    const args = [...main, 'railway', ...size, '--json'];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    const figures = new Map<string, { value: number; ratio?: number }>();
    for (const line of stdout.trim().split('\n')) {
      const { bench, figure, value, ratio } = JSON.parse(line);
      assert.deepEqual([bench, Number.isFinite(value)], ['railway', true], line);
      figures.set(figure, { value, ratio });
    }
    assert.equal(figures.get('Tickets completed')?.value, 6, stderr);
    assert.equal(figures.get('delays published')?.value, 0, stderr);
    assert.ok((figures.get('promotions, compared with bare pushes')?.ratio ?? 0) > 0);
    assert.ok([...figures.keys()].some((figure) => figure.startsWith('promoter: from the fetch')));
  });
});
