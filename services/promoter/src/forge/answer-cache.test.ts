import assert from 'node:assert/strict';
import { AnswerCache } from './answer-cache.js';

describe('the answers that a forge can confirm', () => {
  const answer = (body: string, link = '') => ({ etag: '"1"', headers: { link }, body });

  it('are dropped in the order of their last use, once they are too many together', () => {
    const cache = new AnswerCache(160);
    // 10 characters each.
    for (let each = 0; each < 16; each++) cache.set(String.fromCharCode(97 + each), answer('12345'));
    assert.ok(cache.get('a'));
    cache.set('q', answer('12345'));
    assert.deepEqual([cache.get('a')?.body, cache.get('b'), cache.get('q')?.body], ['12345', undefined, '12345']);
  });

  it('are bounded even if they are empty lists: their addresses and headers count, too', () => {
    const cache = new AnswerCache(16_000);
    for (let each = 0; each < 1_000; each++) cache.set(`/pulls?head=${each}`, answer('[]', 'x'.repeat(900)));
    assert.equal(cache.get('/pulls?head=0'), undefined);
    assert.ok(cache.get('/pulls?head=999'));
  });

  it('are not kept if one of them would displace many', () => {
    const cache = new AnswerCache(160);
    cache.set('a', answer('x'.repeat(11)));
    assert.equal(cache.get('a'), undefined);
  });
});
