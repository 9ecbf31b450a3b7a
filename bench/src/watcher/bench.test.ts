import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { argumentsOf } from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/bench');

function bench(...args: string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(process.execPath, [...main, ...args]);
}

describe("the watcher's bench", () => {
  it('prints a line of JSON per figure', async () => {
    const size = ['--applications', '40', '--kilobytes', '8', '--updates', '100'];
    const { stdout } = await bench('watcher', ...size, '--json');
    const figures = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const { bench: name, figure, value, unit } of figures) {
      assert.deepEqual(
        [name, typeof figure, typeof unit, Number.isFinite(value)],
        ['watcher', 'string', 'string', true],
      );
    }
    const [suppressed] = figures.filter(({ figure }) => String(figure).includes('suppressed'));
    assert.deepEqual([suppressed?.['value'], suppressed?.['goal']], [100, '>= 95']);
  });

  it('reports a fault of the command line', async () => {
    await assert.rejects(bench('watcher', '--updates', 'many'), /must be a whole number/);
  });
});
