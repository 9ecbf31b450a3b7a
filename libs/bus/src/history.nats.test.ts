import assert from 'node:assert/strict';
import { gone, opened, stageForEach } from './bus.fixture.js';

describe('the history of a stream', () => {
  const stage = stageForEach();

  it('reads the newest event of a subject, and those since a moment', async () => {
    const before = new Date(Date.now() - 1000);
    assert.equal(await stage.bus.last('ticket.opened', { track: 'storefront' }), undefined);
    assert.deepEqual(await stage.bus.since('ticket.opened', { track: 'storefront' }, before), []);
    await stage.bus.publish(opened('a'));
    await stage.bus.publish(opened('b'));
    assert.equal((await stage.bus.last('ticket.opened', { track: 'storefront' }))?.data.ticket, 'b');
    const all = await stage.bus.since('ticket.opened', { track: 'storefront' }, before);
    assert.deepEqual(
      all.map(({ data }) => data.ticket),
      ['a', 'b'],
    );
  });

  it('lists the subjects that have an event of a type', async () => {
    assert.deepEqual(await stage.bus.stored('application.gone', {}), []);
    for (const event of [gone('web.eu'), gone('web', { namespace: 'teams' }), gone('web', { namespace: 'teams' })])
      await stage.bus.publish(event);
    const tokens = { instance: 'default', namespace: 'argocd', name: 'web.eu' };
    assert.deepEqual(await stage.bus.stored('application.gone', { instance: 'default', namespace: 'argocd' }), [
      tokens,
    ]);
    assert.equal((await stage.bus.stored('application.gone', { instance: 'default' })).length, 2);
    assert.deepEqual(await stage.bus.stored('application.gone', { instance: 'edge' }), []);
    assert.deepEqual(await stage.bus.stored('application.observed', {}), []);
  });
});
