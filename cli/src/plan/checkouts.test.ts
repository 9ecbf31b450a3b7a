import assert from 'node:assert/strict';
import { Checkouts, parseCheckout } from './checkouts.js';
import { deploy } from './world.fixture.js';

describe('--checkout', () => {
  it('reads an address and a folder, and a folder is never a part of an address', () => {
    assert.deepEqual(parseCheckout('https://bot:secret@git.example.com/acme/deploy.git?a=b=/srv/deploy'), {
      ...{ address: 'https://git.example.com/acme/deploy.git?a=b', directory: '/srv/deploy' },
      repository: 'git.example.com/acme/deploy',
    });
    for (const text of [deploy, `${deploy}=`, '=/srv', '']) assert.throws(() => parseCheckout(text), /must be URL=DIR/);
  });

  it('is refused for a repository that it already names, before any git starts, which would keep the command running', () => {
    const processes = () => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
    const before = processes();
    const twice = [`${deploy}=/srv/one`, 'git@git.example.com:acme/deploy=/srv/two', `${deploy}=/srv/three`].map(
      parseCheckout,
    );
    assert.throws(() => new Checkouts(twice), {
      name: 'PlanFault',
      message: `--checkout git@git.example.com:acme/deploy: the repository is already given as ${deploy}
--checkout ${deploy}: the repository is already given as ${deploy}`,
    });
    assert.equal(processes(), before);
  });
});
