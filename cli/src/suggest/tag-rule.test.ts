import assert from 'node:assert/strict';
import { parseTracks, subscribers } from '@k8sta/tracks';
import { suggestTags } from './tag-rule.js';

describe('the rule that is proposed for the tags that run', () => {
  for (const [tags, expected] of [
    [['1.0.0', 'v1.1.0'], { is: 'default' }],
    [['1.0.0', '1.1.0-rc.1'], { is: 'semver', rule: '>=0.0.0-0' }],
    [['main-0a1b2c3', 'main-4d5e6f7'], { is: 'pattern', rule: '^main-[0-9a-f]{7,40}$' }],
    [['0a1b2c3', '4d5e6f7'], { is: 'pattern', rule: '^[0-9a-f]{7,40}$' }],
    [['20260110', '20260111'], { is: 'pattern', rule: '^[0-9]+$' }],
    [['release.(1).7', 'release.(1).8'], { is: 'pattern', rule: String.raw`^release\.\(1\)\.[0-9]+$` }],
    [['latest'], { is: 'unclear' }],
    [['1.0.0', 'latest'], { is: 'unclear' }],
    [['main-1', 'dev-1'], { is: 'unclear' }],
    [[], { is: 'unclear' }],
  ] as const) {
    it(`takes ${tags.join(', ') || 'none'}: ${'rule' in expected ? expected.rule : expected.is}`, () => {
      const suggested = suggestTags(tags);
      assert.deepEqual(suggested, expected);
      if (suggested.is === 'unclear') return;
      const image = { repository: 'acme/a', ...('rule' in suggested && { tags: { [suggested.is]: suggested.rule } }) };
      const track = { name: 'a', images: [image], stations: [{ name: 'dev', applications: ['a'] }] };
      const parsed = parseTracks([{ path: 'tracks.yaml', text: JSON.stringify({ tracks: [track] }) }]);
      assert.ok('tracks' in parsed, JSON.stringify(parsed));
      // A tag with a pre-release or a parenthesis cannot be pushed everywhere, but the rule has to take it all the same.
      for (const tag of tags) assert.equal(subscribers(parsed.tracks, 'docker.io/acme/a', tag).length, 1, tag);
    });
  }
});
