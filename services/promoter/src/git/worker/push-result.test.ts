import assert from 'node:assert/strict';
import { readPushResult } from './push-result.js';

describe('readPushResult', () => {
  it('accepts a push only when the server said so', () => {
    assert.deepEqual(readPushResult('', 'remote: thanks'), { is: 'accepted' });
    assert.throws(() => readPushResult(undefined, ''), /did not say/);
  });

  const lost: [message: string, sideband: string][] = [
    ['non-fast-forward', ''],
    ['fetch first', ''],
    ['failed to update ref', "error: cannot lock ref 'refs/heads/main': is at 1 but expected 0"],
    ['failed to update ref', ''],
    ["cannot lock ref 'refs/heads/main': unable to resolve reference", ''],
    ['incorrect old value provided', ''],
    ['stale info', ''],
  ];
  for (const [message, sideband] of lost) {
    it(`reads a lost race from: ${message}`, () => assert.equal(readPushResult(message, sideband).is, 'lost'));
  }

  it('reads a refusal when a hook declined, whatever the hook said', () => {
    assert.deepEqual(readPushResult('hook declined', 'please fetch first\x1b[0m\n'), {
      is: 'refused',
      why: 'hook declined: please fetch first',
    });
    assert.equal(readPushResult('pre-receive hook declined', '').is, 'refused');
    assert.equal(readPushResult('protected branch hook declined', 'GH006').is, 'refused');
    assert.equal(readPushResult('refusing to update checked out branch', '').is, 'refused');
  });

  it('throws when the server failed', () => {
    assert.throws(() => readPushResult('Internal Server Error', ''), /the server failed/);
    assert.throws(() => readPushResult('unpacker error', ''), /the server failed/);
  });
});
