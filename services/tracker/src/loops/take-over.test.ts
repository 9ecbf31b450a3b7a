import assert from 'node:assert/strict';
import { aTrack } from '../ride/ride.fixture.js';
import { takeOver } from './take-over.js';

describe('taking over Tracks', () => {
  const tracks = ['one', 'two', 'three'].map((name) => ({ ...aTrack({ dev: ['dev'] }), name }));

  function aReplica() {
    const world = {
      living: ['a', 'b'] as readonly string[],
      owned: ['one'],
      now: 0,
      taken: [] as string[],
      checked: [] as string[],
      fails: false,
    };
    const take = async ({ name }: { name: string }) => {
      if (world.fails) throw new Error('Redis is away');
      world.taken.push(name);
    };
    const isOurs = (name: string) => world.owned.includes(name);
    const round = takeOver(
      () => world.living,
      { isOurs },
      { tracks, take },
      ({ name }) => void world.checked.push(name),
      () => new Date(world.now),
    );
    return { world, round };
  }

  it('gives a tick to each Track that this replica has become the owner of, once', async () => {
    const { world, round } = aReplica();
    await round();
    assert.deepEqual(world.taken, [], 'nothing has changed since the start');
    [world.living, world.owned] = [['a'], ['one', 'two']];
    await round();
    world.now = 5_000;
    await round();
    await round();
    assert.deepEqual(world.taken, ['one', 'two']);
    [world.living, world.owned] = [
      ['a', 'c'],
      ['two', 'three'],
    ];
    await round();
    world.now = 10_000;
    await round();
    assert.deepEqual(world.taken, ['one', 'two', 'three']);
    assert.deepEqual(world.checked, world.taken, 'each is checked as well');
  });

  it('ignores a replica that is away for a moment', async () => {
    const { world, round } = aReplica();
    [world.living, world.owned] = [['a'], ['one', 'two']];
    await round();
    world.now = 4_999;
    await round();
    assert.deepEqual(world.taken, []);
  });

  it('tries again what fails', async () => {
    const { world, round } = aReplica();
    [world.living, world.owned, world.fails] = [['a'], ['one'], true];
    await round();
    world.now = 5_000;
    await assert.rejects(round(), /Redis is away/);
    world.fails = false;
    await round();
    assert.deepEqual(world.taken, ['one']);
  });
});
