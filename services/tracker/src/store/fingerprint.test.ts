import assert from 'node:assert/strict';
import { parseTracks } from '@k8sta/tracks';
import { fingerprintOf } from './fingerprint.js';

function fingerprint(...tracks: string[]): string {
  const parsed = parseTracks([{ path: 'tracks.yaml', text: ['tracks:', ...tracks, ''].join('\n') }]);
  assert.ok('tracks' in parsed, JSON.stringify(parsed));
  return fingerprintOf(parsed.tracks);
}

const shop = '- {name: shop, images: [{repository: acme/shop}], stations: [{name: dev, applications: [shop]}]}';
const cart =
  '- {name: cart, images: [{repository: acme/cart}], stations: [{name: dev, selector: {matchLabels: {app: cart, env: dev}}}]}';

describe('the fingerprint of tracks files', () => {
  it('stays the same for another order of Tracks and keys, and for a default that is written out', () => {
    const laidOutDifferently = [
      '- stations: [{selector: {matchLabels: {env: dev, app: cart}}, name: dev}]',
      '  images: [{repository: docker.io/acme/cart}]',
      '  name: cart',
    ];
    assert.equal(fingerprint(shop, cart), fingerprint(...laidOutDifferently, shop));
  });

  it('changes with what a tracker decides by', () => {
    const changed = [
      shop.replace('name: dev', 'name: test'),
      shop.replace('applications: [shop]', 'applications: [shop], soak: 10m'),
      shop.replace('repository: acme/shop', 'repository: acme/shop, tags: {pattern: "^main-"}'),
    ];
    assert.equal(new Set([shop, ...changed].map((track) => fingerprint(track))).size, 4);
  });
});
