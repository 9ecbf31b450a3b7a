import assert from 'node:assert/strict';
import { compareVersions, isGone } from './application-order.js';

const version = (uid: string, resourceVersion: string, minute = 0) => ({
  ...{ uid, resourceVersion },
  createdAt: `2026-03-01T12:${String(minute).padStart(2, '0')}:00Z`,
});

describe('compareVersions', () => {
  it('orders one object by its resourceVersion, also beyond the range of a number', () => {
    assert.ok(compareVersions(version('a', '9'), version('a', '10')) < 0);
    assert.equal(compareVersions(version('a', '10'), version('a', '10')), 0);
    assert.ok(compareVersions(version('a', '9007199254740993'), version('a', '9007199254740992')) > 0);
  });

  it('orders two objects of one name by their creation', () => {
    assert.ok(compareVersions(version('a', '99', 0), version('b', '1', 1)) < 0);
    assert.ok(compareVersions(version('b', '1', 1), version('a', '99', 0)) > 0);
  });

  it('orders two objects that were created in the same second by their resourceVersion', () => {
    assert.ok(compareVersions(version('a', '5'), version('b', '6')) < 0);
  });
});

describe('isGone', () => {
  const at = (uid: string, sequence: number) => ({ data: { uid }, sequence });

  it('is true only after a later event about the same object', () => {
    assert.equal(isGone(at('a', 1), at('a', 2)), true);
    assert.equal(isGone(at('a', 2), at('a', 1)), false, 'it came back');
    assert.equal(isGone(at('b', 1), at('a', 2)), false, 'another object had the name');
    assert.equal(isGone(at('a', 1), undefined), false);
  });
});
