import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { argumentsOf } from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/bench');

describe("the tracker's bench", () => {
  it('prints a line of JSON for each figure, and an idle tracker writes nothing', async () => {
    const size = ['--tracks', '20', '--decisions', '100', '--seconds', '2', '--pushes', '20', '--ended', '100'];
    const { stdout } = await promisify(execFile)(process.execPath, [...main, 'tracker', ...size, '--json']);
    const figures = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { bench: string; figure: string; value: number });
    for (const { bench, figure, value } of figures) {
      assert.deepEqual([bench, typeof figure, Number.isFinite(value)], ['tracker', 'string', true]);
    }
    const writes = figures.filter(({ figure }) => figure.startsWith('writes to'));
    assert.deepEqual(
      writes.map(({ value }) => value),
      [0, 0],
    );
  });
});
