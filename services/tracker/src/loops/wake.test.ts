import assert from 'node:assert/strict';
import { aTrack, started } from '../ride/ride.fixture.js';
import { wakeDue } from './wake.js';

describe('waking due Tracks', () => {
  it('wakes those that are due, and logs once about one that is in no tracks file', async () => {
    const woken: string[] = [];
    const said: object[] = [];
    const tracks = ['storefront', 'other'].map((name) => ({ ...aTrack({ dev: ['dev'] }), name }));
    const take = async ({ name }: { name: string }) => void woken.push(name);
    const due = async () => ['storefront', 'removed'];
    const round = wakeDue({ due }, { tracks, take, isBusy: () => true }, () => started, {
      warn: (fields) => void said.push(fields),
    });
    await round();
    await round();
    assert.deepEqual(woken, ['storefront', 'storefront']);
    assert.deepEqual(said, [{ track: 'removed' }]);
  });
});
