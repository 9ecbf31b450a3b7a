import assert from 'node:assert/strict';
import { figuresOf } from '../bench.fixture.js';

describe("the ingest's bench", () => {
  it('prints each figure with its reference and their ratio', async () => {
    const figures = await figuresOf('ingest --webhooks 50 --rounds 2 --connections 4');
    assert.deepEqual(
      [...figures.keys()],
      [
        'durable webhooks (1 Ticket each)',
        'time until the answer, p50',
        'time until the answer, p99',
        'processor time of a webhook',
        'processor time of a webhook, nats-server',
      ],
    );
    for (const { figure, reference } of figures.values()) assert.equal(typeof reference, 'number', figure);
    const webhooks = figures.get('durable webhooks (1 Ticket each)');
    assert.deepEqual([webhooks?.goal, Number(webhooks?.ratio) > 0], ['x >= 0.9', true]);
  });
});
