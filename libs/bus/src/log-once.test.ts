import assert from 'node:assert/strict';
import { logOnce } from './log-once.js';

describe('logOnce', () => {
  let lines: string[];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  beforeEach(() => {
    lines = [];
  });

  it('logs each reason once, in any number and order', () => {
    const once = logOnce(log);
    for (const reason of ['a', 'b', 'a', 'b']) once.failed(reason, { reason }, 'failed, retrying');
    assert.deepEqual(lines, ['warn failed, retrying {"reason":"a"}', 'warn failed, retrying {"reason":"b"}']);
  });

  it('logs the recovery once, and the next failure again', () => {
    const once = logOnce(log);
    once.recovered({}, 'works again');
    once.failed('a', {}, 'failed', 'error');
    once.recovered({}, 'works again');
    once.recovered({}, 'works again');
    once.failed('a', {}, 'failed');
    assert.deepEqual(lines, ['error failed {}', 'info works again {}', 'warn failed {}']);
  });

  it('logs no more than 100 reasons', () => {
    const once = logOnce(log);
    for (let n = 0; n < 200; n++) once.failed(`${n}`, {}, 'failed');
    assert.equal(lines.length, 100);
  });
});
