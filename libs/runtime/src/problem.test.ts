import assert from 'node:assert/strict';
import { ConfigError } from './config.js';
import { isNamed, problemOf } from './problem.js';

describe('problemOf', () => {
  it('shows of an error that somebody has named what it says, and nothing else', () => {
    const refused = Object.assign(new Error('WRONGPASS no\nway'), {
      code: 'WRONGPASS',
      command: { args: ['hunter2'] },
    });
    assert.deepEqual(problemOf(refused), { type: 'Error', message: 'WRONGPASS no way' });
    assert.deepEqual(problemOf(new ConfigError(['a'])).type, 'ConfigError');
  });

  it('shows where a defect was met', () => {
    const problem = problemOf(new TypeError('x is no function\nhunter2 at https://me:pw@git.test/'));
    assert.equal(problem.message, 'x is no function hunter2 at https://git.test/');
    assert.match(problem.stack ?? '', /^at .*problem\.test\.ts/);
    assert.doesNotMatch(problem.stack ?? '', /hunter2/);
    assert.ok(!isNamed(new TypeError('x')));
  });

  it('shows what is thrown and is no error', () => {
    assert.deepEqual(problemOf('no'), { type: 'string', message: 'no' });
  });
});
