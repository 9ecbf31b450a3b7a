import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { argumentsOf } from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/bench');

describe("the promoter's bench", () => {
  it('prints a line of JSON for each figure, and a promotion costs as many requests as a bare push', async function () {
    this.timeout(180_000);
    const size = '--files 40 --commits 20 --messages 100 --rounds 2 --tickets 4 --promotions 20'.split(' ');
    const args = [...main, 'promoter', ...size, '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const figures = new Map<string, number>();
    for (const line of stdout.trim().split('\n')) {
      const { bench, figure, value } = JSON.parse(line);
      assert.ok(bench === 'promoter' && value > 0 && !figures.has(figure), line);
      figures.set(figure, value);
    }
    assert.equal(figures.get('HTTP requests per promotion'), 2);
    assert.ok(
      [...figures.keys()].some((figure) => figure.startsWith('4 Tickets on one branch')),
      stdout,
    );
  });
});
