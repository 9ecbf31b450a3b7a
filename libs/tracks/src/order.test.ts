import assert from 'node:assert/strict';
import { parseTracks } from './parse.js';

/** The order of each Track by its name; `keys` are the rest of a Track, whose Application has the Track's name. */
function ordersOf(tracks: Record<string, string>): Record<string, string> {
  const text = Object.entries(tracks).map(([name, keys]) => {
    const [own, junction] = keys.split(' = ');
    const stations = [
      `{name: dev, applications: [${name}]}`,
      ...(junction ? [`{name: world, tracks: [${junction}]}`] : []),
    ];
    return `- {name: ${name}, stations: [${stations}]${own?.trim() && `, ${own}`}}`;
  });
  const parsed = parseTracks([{ path: 'f', text: ['tracks:', ...text].join('\n') }]);
  assert.ok('tracks' in parsed, JSON.stringify(parsed));
  return Object.fromEntries(parsed.tracks.map(({ name, order }) => [name, order]));
}

const versions = 'images: [{repository: acme/a}]';
const range = 'images: [{repository: acme/b, tags: {semver: ">=1.0.0"}}]';
const hashes = 'images: [{repository: acme/c}, {repository: acme/d, tags: {pattern: "^main-"}}]';

describe('the order of a Track', () => {
  it('is by version, or by push if a tag rule is a pattern', () => {
    assert.deepEqual(ordersOf({ a: versions, b: range, c: hashes }), { a: 'semver', b: 'semver', c: 'push' });
  });

  it('is what the Track states', () => {
    const tracks = { a: `${versions}, order: push`, c: `${hashes}, order: semver` };
    assert.deepEqual(ordersOf(tracks), { a: 'push', c: 'semver' });
  });

  it('is that of the Tracks whose junctions open its Tickets, if one of them is by push', () => {
    const tracks = { end: ' ', middle: ' = end', a: `${versions} = middle`, c: `${hashes} = middle` };
    assert.deepEqual(ordersOf(tracks), { end: 'push', middle: 'push', a: 'semver', c: 'push' });
    const stated = { end: ' ', middle: 'order: semver = end', c: `${hashes} = middle` };
    assert.deepEqual(ordersOf(stated), { end: 'semver', middle: 'semver', c: 'push' });
  });
});
