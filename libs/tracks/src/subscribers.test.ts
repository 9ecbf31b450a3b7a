import assert from 'node:assert/strict';
import { parseTracks } from './parse.js';
import { refusals, subscribers, whyNot, whyNotCarried, whyNotFrom } from './subscribers.js';
import type { TagRule } from './tag-rule.js';
import { imagesOf, type Track } from './track.js';

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

describe('a Track that a junction names', () => {
  const text = `tracks:
- {name: shop, images: [{repository: acme/shop}], stations: [{name: dev, applications: [dev]}, {name: world, tracks: [apac]}]}
- {name: old, images: [{repository: acme/old, tags: {semver: "<1.0.0"}}], stations: [{name: world, tracks: [apac]}]}
- {name: apac, images: [{repository: acme/apac}], stations: [{name: prod, applications: [apac]}, {name: far, tracks: [nz]}]}
- {name: nz, stations: [{name: prod, applications: [nz]}]}`;
  const parsed = parseTracks([{ path: 'f', text }]);
  const tracks = 'tracks' in parsed ? parsed.tracks : [];
  const [shop, , apac, nz] = tracks as [Track, Track, Track, Track];
  const shopImage = 'docker.io/acme/shop';
  const from = (parent: string, target: string, repository: string, tag = '1.0.0') => {
    const [name = '', station = ''] = parent.split('/');
    return whyNotFrom(tracks, { track: name, station }, target, repository, tag);
  };

  it('carries the images that ride the Track of the junction, over any number of junctions', () => {
    assert.equal(from('shop/world', 'apac', shopImage), undefined);
    assert.equal(from('apac/far', 'nz', shopImage), undefined);
    assert.equal(from('apac/far', 'nz', 'docker.io/acme/apac'), undefined);
    assert.equal(whyNotCarried(tracks, nz, 'docker.io/acme/old', '0.1.0'), undefined);
    const names = (track: Track) => imagesOf(track).map(({ repository: name }) => name.split('/').at(-1));
    assert.deepEqual([shop, apac, nz].map(names), [['shop'], ['apac', 'shop', 'old'], ['apac', 'shop', 'old']]);
  });

  it('carries no other image, for a reason that a person can act on', () => {
    const refused: [string | undefined, string][] = [
      [from('shop/world', 'apac', shopImage, 'latest'), 'shop: tag latest is not strict semver'],
      [from('old/world', 'apac', 'docker.io/acme/old'), 'old: tag 1.0.0 is outside of "<1.0.0"'],
      [from('shop/world', 'apac', 'docker.io/acme/apac'), 'shop: does not subscribe to docker.io/acme/apac'],
      [from('apac/far', 'nz', 'docker.io/acme/old'), 'apac: does not subscribe to docker.io/acme/old'],
      [from('shop/dev', 'apac', shopImage), 'shop: dev does not open Tickets on apac'],
      [from('shop/world', 'nz', shopImage), 'shop: world does not open Tickets on nz'],
      [from('shop/end', 'apac', shopImage), 'shop: has no Station end'],
      [from('shop/world', 'gone', shopImage), 'gone: no tracks file has this Track'],
      [from('gone/world', 'apac', shopImage), 'gone: no tracks file has this Track'],
    ];
    for (const [actual, expected] of refused) assert.equal(actual, expected);
  });
});
