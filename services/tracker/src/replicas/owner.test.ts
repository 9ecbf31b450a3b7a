import assert from 'node:assert/strict';
import { highestOf, owners } from './owner.js';

const tracks = Array.from({ length: 3_000 }, (_, at) => `track-${at}`);

function sharesOf(replicas: readonly string[]): Map<string | undefined, string[]> {
  const shares = new Map<string | undefined, string[]>();
  for (const track of tracks) {
    const owner = highestOf(track, replicas);
    shares.set(owner, [...(shares.get(owner) ?? []), track]);
  }
  return shares;
}

describe('the owner of a Track', () => {
  it('is the same for every replica, in any order of the list', () => {
    for (const track of tracks) assert.equal(highestOf(track, ['a', 'b', 'c']), highestOf(track, ['c', 'a', 'b']));
  });

  it('gives each replica about the same number of Tracks', () => {
    for (const count of [2, 3, 5]) {
      const replicas = Array.from({ length: count }, (_, at) => `replica-${at}`);
      const fair = tracks.length / count;
      for (const [owner, share] of sharesOf(replicas)) {
        assert.ok(Math.abs(share.length - fair) < fair * 0.15, `${owner} owns ${share.length} of ${fair}`);
      }
    }
  });

  it('changes only for the Tracks of a replica that goes', () => {
    const [before, after] = [
      ['a', 'b', 'c'],
      ['a', 'c'],
    ].map(sharesOf);
    for (const stays of ['a', 'c']) {
      const now = new Set(after?.get(stays));
      assert.ok(before?.get(stays)?.every((track) => now.has(track)));
    }
  });

  it('is nobody without replicas, and follows the list when it changes', () => {
    let living: readonly string[] = ['a'];
    const { ownerOf, isOurs } = owners('a', () => living);
    assert.ok(tracks.every(isOurs));
    living = ['a', 'b'];
    const theirs = tracks.filter((track) => ownerOf(track) === 'b');
    assert.ok(theirs.length > 0 && !theirs.some(isOurs));
    living = ['a', 'b', 'c'];
    assert.ok(tracks.some((track) => ownerOf(track) === 'c'));
    living = ['b'];
    assert.ok(!tracks.some(isOurs));
    living = [];
    assert.equal(ownerOf('track-1'), undefined);
  });
});
