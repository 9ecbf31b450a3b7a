import assert from 'node:assert/strict';
import { refusals, subscribers, whyNot } from './subscribers.js';
import type { TagRule } from './tag-rule.js';
import type { Track } from './track.js';

const repository = 'docker.io/acme/storefront';

function track(name: string, tags: TagRule, image = repository): Track {
  return {
    name,
    images: [
      { repository: 'docker.io/acme/other', tags },
      { repository: image, tags },
    ],
    order: 'push',
    stations: [],
  };
}

describe('subscribers', () => {
  const strict = track('strict', { is: 'strictSemver' });
  const main = track('main', { is: 'pattern', pattern: '^main-' });
  const young = track('young', { is: 'semver', range: '<1.0.0' });
  const elsewhere = track('elsewhere', { is: 'pattern', pattern: '.' }, 'ghcr.io/acme/storefront');
  const all = [strict, main, young, elsewhere];

  it('are the Tracks that name the repository and accept the tag', () => {
    assert.deepEqual(subscribers(all, repository, '0.9.0'), [strict, young]);
    assert.deepEqual(subscribers(all, repository, 'main-1'), [main]);
    assert.deepEqual(subscribers(all, repository, 'latest'), []);
  });

  it('exclude Tracks whose rule refuses the tag, and Tracks of another repository', () => {
    assert.deepEqual(refusals(all, repository, '1.0.0'), [
      { track: 'main', message: 'does not match "^main-"' },
      { track: 'young', message: 'is outside of "<1.0.0"' },
    ]);
    assert.deepEqual(refusals(all, 'docker.io/acme/unknown', '1.0.0'), []);
  });

  it('exclude each other Track for a reason that a person can act on', () => {
    const reasons = (tag: string) => all.map((each) => whyNot(each, repository, tag));
    assert.deepEqual(reasons('1.0.0'), [
      undefined,
      'main: tag 1.0.0 does not match "^main-"',
      'young: tag 1.0.0 is outside of "<1.0.0"',
      'elsewhere: does not subscribe to docker.io/acme/storefront',
    ]);
    assert.equal(whyNot(strict, repository, 'latest'), 'strict: tag latest is not strict semver');
    assert.equal(whyNot(young, repository, '0.01.0'), 'young: tag 0.01.0 is not strict semver');
    assert.equal(whyNot(strict, repository, '1.0.0-rc.1'), 'strict: tag 1.0.0-rc.1 is a pre-release');
  });
});
