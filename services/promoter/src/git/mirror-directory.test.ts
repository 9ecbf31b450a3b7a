import assert from 'node:assert/strict';
import { directoryOf } from './mirror-directory.js';

describe('the directory of a mirror', () => {
  it('has a safe name, which no other repository has', () => {
    const name = directoryOf('git.example.com:8443/../../etc/passwd');
    assert.match(name, /^git-example-com-8443-etc-passwd-[0-9a-f]{16}$/);
    assert.notEqual(directoryOf('a/b'), directoryOf('a-b'));
    assert.ok(directoryOf(`a/${'b'.repeat(500)}`).length < 100);
  });
});
