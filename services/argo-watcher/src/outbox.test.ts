import assert from 'node:assert/strict';
import { project } from '@k8sta/applications';
import type { BusEvent } from '@k8sta/contracts';
import { settled, TestClock } from './clock.fixture.js';
import { observedEvent } from './observe.js';
import { Outbox } from './outbox.js';
import { application } from './source.fixture.js';

/** A bus whose answers come from the test. */
class Post {
  readonly clock = new TestClock();
  readonly asked: { words: string; store: () => void; refuse: () => void }[] = [];
  published = 0;
  readonly outbox = new Outbox({
    bus: {
      publish: (event) =>
        new Promise((resolve, reject) => {
          this.asked.push({
            words: wordsOf(event),
            store: () => resolve({ stream: 'K8STA_APPLICATIONS', sequence: 1, duplicate: false }),
            refuse: () => reject(new Error('no servers')),
          });
        }),
    },
    clock: this.clock,
    log: { info() {}, warn() {} },
    onPublished: () => {
      this.published += 1;
    },
  });

  put(name: string, resourceVersion: number, sinceMs: number): void {
    const read = project(application(name, resourceVersion), { instance: 'default', now: new Date(0) });
    assert.ok('slice' in read);
    this.outbox.put(name, observedEvent(read.slice), sinceMs);
  }

  /** What was asked of the bus since the last time. */
  async take(): Promise<typeof this.asked> {
    await settled();
    return this.asked.splice(0);
  }

  async words(): Promise<string[]> {
    return (await this.take()).map(({ words }) => words);
  }
}

function wordsOf(event: BusEvent): string {
  return event.id.split('/').slice(2, 5).join('/');
}

describe('Outbox', () => {
  let post: Post;
  beforeEach(() => {
    post = new Post();
  });

  it('publishes several Applications at once, but one event of each at a time', async () => {
    post.put('a', 1, 10);
    post.put('b', 2, 10);
    const [a, b] = await post.take();
    post.put('a', 3, 20);
    assert.deepEqual([a?.words, b?.words], ['a/uid-of-a/1', 'b/uid-of-b/2']);
    a?.store();
    b?.store();
    assert.deepEqual(await post.words(), ['a/uid-of-a/3']);
  });

  it('gathers events while others are on their way, until there are 32 or those are stored', async () => {
    post.put('a', 1, 10);
    const [first] = await post.take();
    for (let event = 1; event < 32; event++) post.put(`b${event}`, event, 10);
    assert.deepEqual(await post.words(), []);
    post.put('b32', 32, 10);
    const batch = await post.take();
    assert.equal(batch.length, 32);
    post.put('c', 1, 20);
    for (const letter of batch) letter.store();
    assert.deepEqual(await post.words(), [], 'the first event is still on its way');
    first?.store();
    assert.deepEqual(await post.words(), ['c/uid-of-c/1']);
  });

  it('keeps only the newest event while one is being published', async () => {
    post.put('a', 1, 1);
    const [first] = await post.take();
    for (const resourceVersion of [2, 3, 4]) post.put('a', resourceVersion, resourceVersion);
    assert.deepEqual(await post.words(), []);
    first?.store();
    assert.deepEqual(await post.words(), ['a/uid-of-a/4']);
  });

  it('knows the moment up to which everything is published', async () => {
    assert.equal(post.outbox.publishedUpToMs, Number.POSITIVE_INFINITY);
    post.put('a', 1, 10);
    const [first] = await post.take();
    post.put('a', 2, 20);
    post.put('a', 3, 30);
    assert.equal(post.outbox.publishedUpToMs, 10);
    first?.store();
    const [second] = await post.take();
    assert.equal(post.outbox.publishedUpToMs, 20);
    second?.store();
    await settled();
    assert.equal(post.outbox.publishedUpToMs, Number.POSITIVE_INFINITY);
    assert.equal(post.published, 2);
  });

  it('keeps the newest event that could not be published, and retries after a pause', async () => {
    post.put('a', 1, 10);
    post.put('b', 2, 10);
    for (const letter of await post.take()) letter.refuse();
    await settled();
    post.put('a', 3, 30);
    assert.deepEqual(await post.words(), [], 'nothing before the pause is over');
    assert.equal(post.outbox.publishedUpToMs, 10);
    post.clock.pass(250);
    const again = await post.take();
    assert.deepEqual(again.map(({ words }) => words).sort(), ['a/uid-of-a/3', 'b/uid-of-b/2']);
    for (const letter of again) letter.refuse();
    await settled();
    assert.deepEqual(post.clock.pauses, [250, 500], 'one pause for all that failed together');
    post.clock.pass(500);
    for (const letter of await post.take()) letter.store();
    await post.outbox.flushed();
  });

  it('does not publish a failed event after the newer one', async () => {
    post.put('a', 1, 10);
    const [first] = await post.take();
    post.put('a', 2, 20);
    first?.refuse();
    await settled();
    post.clock.pass(250);
    assert.deepEqual(await post.words(), ['a/uid-of-a/2']);
  });

  it('waits at shutdown for the running publishes and starts no more', async () => {
    post.put('a', 1, 10);
    const [first] = await post.take();
    post.put('a', 2, 20);
    const closed = post.outbox.close();
    post.put('b', 3, 30);
    first?.refuse();
    await closed;
    assert.deepEqual(await post.words(), []);
  });
});
