import assert from 'node:assert/strict';
import { figuresOf, runBench } from '../bench.fixture.js';

describe("the watcher's bench", () => {
  it('prints each figure, and the watcher suppresses what is meaningless', async () => {
    const figures = await figuresOf('watcher --applications 40 --kilobytes 8 --updates 100');
    const suppressed = figures.get('meaningless updates that were suppressed');
    assert.deepEqual([suppressed?.value, suppressed?.goal], [100, '>= 95']);
  });

  it('reports a fault of the command line', async () => {
    await assert.rejects(runBench('watcher --updates many'), /must be a whole number/);
  });
});
