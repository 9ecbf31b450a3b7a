import assert from 'node:assert/strict';
import { stageForEach } from './bus.fixture.js';

describe('the state bucket', () => {
  const stage = stageForEach();

  it('replaces state only at the revision that was read', async () => {
    const first = await stage.bus.state.replace('track.storefront', 'one', 0);
    assert.equal(typeof first, 'number');
    assert.equal(await stage.bus.state.replace('track.storefront', 'two', 0), undefined);
    assert.equal(typeof (await stage.bus.state.replace('track.storefront', 'two', first ?? 0)), 'number');
    assert.equal((await stage.bus.state.get('track.storefront'))?.value, 'two');
    assert.equal(await stage.bus.state.get('track.other'), undefined);
  });

  it('lists the keys of the state by a filter', async () => {
    assert.deepEqual(await stage.bus.state.keys('track.>'), []);
    for (const key of ['track.a', 'track.b', 'ticket.a.1']) await stage.bus.state.replace(key, 'one', 0);
    assert.deepEqual((await stage.bus.state.keys('track.>')).sort(), ['track.a', 'track.b']);
  });

  it('keeps state that is larger than the maximum message', async () => {
    const large = JSON.stringify(Array.from({ length: 60_000 }, (_, index) => ({ name: `storefront-${index}` })));
    assert.ok(large.length > 1_500_000);
    const revision = await stage.bus.state.replace('track.storefront', large, 0);
    assert.equal((await stage.bus.state.get('track.storefront'))?.value, large);
    await stage.bus.state.replace('track.storefront', 'small again', revision ?? 0);
    assert.equal((await stage.bus.state.get('track.storefront'))?.value, 'small again');
  });
});
