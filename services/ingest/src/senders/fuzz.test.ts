import assert from 'node:assert/strict';
import { fuzz } from './fuzz.fixture.js';
import { senders } from './index.js';

describe('whatever is posted', () => {
  it('makes nothing throw, gets no 5xx, and opens no Ticket without a proof', async () => {
    const { outcomes } = await fuzz(5_000);
    const some = (name: string, ...kinds: string[]) => kinds.some((kind) => outcomes.get(`${name} ${kind}`));
    for (const { name } of senders) {
      assert.ok(some(name, 'notFound'), `no stranger as ${name}`);
      assert.ok(some(name, 'opened', 'notSubscribed'), `no image of ${name}`);
      assert.ok(some(name, 'invalid', 'ignored'), `nothing wrong of ${name}`);
    }
    for (const name of ['ghcr', 'quay', 'acr', 'generic']) assert.ok(some(name, 'opened'), `no Ticket of ${name}`);
  }).timeout(120_000);
});
