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
    const round = wakeDue({ due }, { track, take, unfinished, isBusy: () => true }, () => started, {
      warn: (fields) => void said.push(fields),
    });
    await round();
    await round();
    assert.deepEqual(woken, ['storefront', 'checkout', 'storefront', 'checkout']);
    assert.deepEqual(said, [{ track: 'lost' }]);
  });
});
