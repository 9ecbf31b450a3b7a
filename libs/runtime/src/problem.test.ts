import assert from 'node:assert/strict';
import { ConfigError } from './config.js';
import { isExpected, problemOf } from './problem.js';

describe('problemOf', () => {
  it('shows only the message of an expected error', () => {
    const refused = Object.assign(new Error('WRONGPASS no\nway'), {
      code: 'WRONGPASS',
      command: { args: ['hunter2'] },
    });
    assert.deepEqual(problemOf(refused), { type: 'Error', message: 'WRONGPASS no way' });
    assert.deepEqual(problemOf(new ConfigError(['a'])).type, 'ConfigError');
  });

  it('shows the stack trace of a bug, without the message in it', () => {
    const problem = problemOf(new TypeError('x is no function\nhunter2 at https://me:pw@git.test/'));
    assert.equal(problem.message, 'x is no function hunter2 at https://git.test/');
    assert.match(problem.stack ?? '', /^at .*problem\.test\.ts/);
    assert.doesNotMatch(problem.stack ?? '', /hunter2/);
    assert.ok(!isExpected(new TypeError('x')));
  });

  it('shows a thrown value that is not an Error', () => {
    assert.deepEqual(problemOf('no'), { type: 'string', message: 'no' });
  });
});
