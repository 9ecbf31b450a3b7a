import assert from 'node:assert/strict';
import { pushTime } from './push-time.js';

const receivedAt = new Date('2026-01-02T03:04:05Z');
const at = (given: unknown) => pushTime(given, receivedAt).toISOString();

describe('pushTime', () => {
  it('reads seconds and the ISO 8601 dates that registries write', () => {
    assert.equal(at(1767323044), '2026-01-02T03:04:04.000Z');
    assert.equal(at('2026-01-02T03:04:04Z'), '2026-01-02T03:04:04.000Z');
    assert.equal(at('2026-01-02T04:04:04.25+01:00'), '2026-01-02T03:04:04.250Z');
    assert.equal(at('2026-01-02T03:04:04.343145347Z'), '2026-01-02T03:04:04.343Z', 'as Azure and Go write it');
    assert.equal(at('2026-01-02T03:04:04.664+0000'), '2026-01-02T03:04:04.664Z', 'as Nexus writes it');
  });

  it('counts what is later than receipt, or cannot be a push time, as receipt', () => {
    const impossible = [
      '2026-01-02T03:04:06Z',
      '9999-12-31T23:59:59Z',
      '0001-01-01T00:00:00Z',
      'yesterday',
      '2026',
      `2026-01-02T03:04:04Z${' '.repeat(100)}`,
      1767323046,
      0,
      -1,
      1e300,
      Number.NaN,
      null,
      undefined,
      {},
    ];
    for (const given of impossible) assert.equal(at(given), receivedAt.toISOString(), String(given));
  });
});
