import assert from 'node:assert/strict';
import { figuresOf } from '../bench.fixture.js';

describe("the promoter's bench", () => {
  it('prints each figure, and a promotion costs as many requests as a bare push', async function () {
    this.timeout(180_000);
    const size = '--files 40 --commits 20 --messages 100 --rounds 2 --tickets 4 --promotions 20';
    const figures = await figuresOf(`promoter ${size}`);
    for (const { figure, value } of figures.values()) assert.ok(value > 0, figure);
    assert.equal(figures.get('HTTP requests per promotion')?.value, 2);
    const names = [...figures.keys()];
    assert.ok(
      names.some((figure) => figure.startsWith('4 Tickets on one branch')),
      names.join('\n'),
    );
  });
});
