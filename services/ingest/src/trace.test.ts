import assert from 'node:assert/strict';
import { traceOf } from './trace.js';

const valid = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('traceOf', () => {
  it('keeps the trace of a request', () => assert.equal(traceOf(valid), valid));

  it('starts a trace if the request has none, or an invalid one', () => {
    const zeros = `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`;
    for (const header of [
      undefined,
      '',
      'x',
      `${valid} `,
      valid.toUpperCase(),
      zeros,
      [valid],
      `ff${valid.slice(2)}`,
    ]) {
      const started = traceOf(header);
      assert.notEqual(started, String(header));
      assert.equal(traceOf(started), started, 'is valid itself');
    }
    assert.notEqual(traceOf(undefined), traceOf(undefined));
  });
});
