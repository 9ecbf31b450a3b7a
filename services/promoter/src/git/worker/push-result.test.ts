import assert from 'node:assert/strict';
import { readVerdict } from './push-result.js';

describe('verdict', () => {
  it('is only good when the server said so', () => {
    assert.deepEqual(readVerdict('', 'remote: thanks'), { is: 'taken' });
    assert.throws(() => readVerdict(undefined, ''), /did not say/);
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
    it(`is a lost race: ${message}`, () => assert.equal(readVerdict(message, sideband).is, 'lost'));
  }

  it('is a refusal when a hook said no, whatever it said', () => {
    assert.deepEqual(readVerdict('hook declined', 'please fetch first\x1b[0m\n'), {
      is: 'refused',
      why: 'hook declined: please fetch first',
    });
    assert.equal(readVerdict('pre-receive hook declined', '').is, 'refused');
    assert.equal(readVerdict('protected branch hook declined', 'GH006').is, 'refused');
    assert.equal(readVerdict('refusing to update checked out branch', '').is, 'refused');
  });

  it('is none when the server is unwell', () => {
    assert.throws(() => readVerdict('Internal Server Error', ''), /the server failed/);
    assert.throws(() => readVerdict('unpacker error', ''), /the server failed/);
  });
});
