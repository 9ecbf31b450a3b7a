import assert from 'node:assert/strict';
import { parseCheckout } from './checkouts.js';
import { deploy } from './world.fixture.js';

describe('--checkout', () => {
  it('reads an address and a folder, and a folder is never a part of an address', () => {
    assert.deepEqual(parseCheckout('https://bot:secret@git.example.com/acme/deploy.git?a=b=/srv/deploy'), {
      ...{ address: 'https://git.example.com/acme/deploy.git?a=b', directory: '/srv/deploy' },
      repository: 'git.example.com/acme/deploy',
    });
    for (const text of [deploy, `${deploy}=`, '=/srv', '']) assert.throws(() => parseCheckout(text), /must be URL=DIR/);
  });
});
