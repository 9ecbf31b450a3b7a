import assert from 'node:assert/strict';
import { aTrack, started } from '../ride/ride.fixture.js';
import { wakeDue } from './wake.js';

describe('waking due Tracks', () => {
  it('wakes those that are due or have an unfinished input, each once, and logs once about one that nobody knows', async () => {
    const woken: string[] = [];
    const said: object[] = [];
    const track = async (name: string) => (name === 'lost' ? undefined : { ...aTrack({ dev: ['dev'] }), name });
    const take = async ({ name }: { name: string }) => void woken.push(name);
    const due = async () => ['storefront', 'lost'];
    const unfinished = () => ['storefront', 'checkout'].map((name) => ({ ...aTrack({ dev: ['dev'] }), name }));
    const log = { warn: (fields: object) => void said.push(fields) };
    const engine = { track, take, unfinished, isBusy: () => true };
    const round = wakeDue({ due }, engine, { isOurs: () => true }, () => started, log);
    await round();
    await round();
    assert.deepEqual(woken, ['storefront', 'checkout', 'storefront', 'checkout']);
    assert.deepEqual(said, [{ track: 'lost' }]);
  });

  it('leaves a Track of another replica to it, unless the other is more than a second late', async () => {
    const woken: string[] = [];
    const dueAt = { ours: 0, theirs: 0 };
    const engine = {
      track: async (name: string) => ({ ...aTrack({ dev: ['dev'] }), name }),
      take: async ({ name }: { name: string }) => void woken.push(name),
      unfinished: () => [],
      isBusy: () => true,
    };
    let now = 0;
    const due = async (at: number) => Object.entries(dueAt).flatMap(([name, each]) => (each <= at ? name : []));
    const isOurs = (name: string) => name === 'ours';
    const round = wakeDue({ due }, engine, { isOurs }, () => new Date(now), { warn() {} });
    await round();
    now = 999;
    await round();
    assert.deepEqual(woken, ['ours', 'ours']);
    now = 1_000;
    await round();
    assert.deepEqual(woken, ['ours', 'ours', 'ours', 'theirs']);
  });
});
