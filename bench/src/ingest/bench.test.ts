import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { argumentsOf } from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/bench');

describe("the ingest's bench", () => {
  it('prints a line of JSON per figure, each with its reference and their ratio', async () => {
    const size = ['--webhooks', '50', '--rounds', '2', '--connections', '4', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [...main, 'ingest', ...size]);
    const figures = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      figures.map(({ figure }) => figure),
      [
        'durable webhooks (1 Ticket each)',
        'time until the answer, p50',
        'time until the answer, p99',
        'processor time of a webhook',
        'processor time of a webhook, nats-server',
      ],
    );
    for (const { bench, value, reference, unit } of figures) {
      assert.deepEqual([bench, typeof value, typeof reference, typeof unit], ['ingest', 'number', 'number', 'string']);
    }
    assert.deepEqual([figures[0]?.['goal'], Number(figures[0]?.['ratio']) > 0], ['x >= 0.9', true]);
  });
});
