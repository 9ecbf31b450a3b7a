import assert from 'node:assert/strict';
import { figuresOf } from '../bench.fixture.js';

describe("the tracker's bench", () => {
  it('prints each figure, and an idle tracker writes nothing', async () => {
    const size = '--tracks 20 --decisions 100 --seconds 2 --pushes 20 --ended 100';
    const figures = [...(await figuresOf(`tracker ${size}`)).values()];
    const writes = figures.filter(({ figure }) => figure.startsWith('writes to'));
    assert.deepEqual(
      writes.map(({ value }) => value),
      [0, 0],
    );
    assert.ok(figures.some(({ figure }) => figure.startsWith('a push, with 100 ended Tickets')));
  });
});
