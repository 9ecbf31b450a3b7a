import assert from 'node:assert/strict';
import { aTrack, started } from '../ride/ride.fixture.js';
import { wakeDue } from './wake.js';

describe('waking due Tracks', () => {
  it('wakes those that are due, and logs once about one that nobody knows', async () => {
    const woken: string[] = [];
    const said: object[] = [];
    const track = async (name: string) => (name === 'lost' ? undefined : { ...aTrack({ dev: ['dev'] }), name });
    const take = async ({ name }: { name: string }) => void woken.push(name);
    const due = async () => ['storefront', 'lost'];
    const round = wakeDue({ due }, { track, take, isBusy: () => true }, () => started, {
      warn: (fields) => void said.push(fields),
    });
    await round();
    await round();
    assert.deepEqual(woken, ['storefront', 'storefront']);
    assert.deepEqual(said, [{ track: 'lost' }]);
  });
});
