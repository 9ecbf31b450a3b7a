import assert from 'node:assert/strict';
import type { BusEvent } from '@k8sta/contracts';
import { TestClock } from './clock.fixture.js';
import { Follower, type Seen } from './follow.js';
import { applications, goneEvent } from './observe.js';
import { application, bookmark, event, listOf, open, refused, ScriptedSource } from './source.fixture.js';

class Journey {
  readonly clock = new TestClock();
  readonly source = new ScriptedSource();
  readonly put: { words: string; sinceMs: number }[] = [];
  readonly seen: Record<Seen, number> = { published: 0, suppressed: 0, malformed: 0 };
  readonly warnings: string[] = [];
  /** The Applications that the bus shows. */
  readonly onBus: string[] = [];
  isBusAway = false;
  readonly startMs = this.clock.now();
  readonly #end = new AbortController();
  readonly follower = new Follower({
    kind: applications('default'),
    source: this.source,
    findDeparted: async ({ keys, resourceVersion }) => {
      const departed = this.onBus.filter((name) => !keys.has(`argocd/${name}`));
      if (this.isBusAway) throw new Error('no servers');
      const uid = 'from before';
      return departed.map((name) =>
        goneEvent({ instance: 'default', namespace: 'argocd', name, uid }, resourceVersion, new Date(0)),
      );
    },
    outbox: { put: (key, letter, sinceMs) => void this.put.push({ words: wordsOf(key, letter), sinceMs }) },
    idleMs: 60_000,
    clock: this.clock,
    log: {
      debug() {},
      info() {},
      warn: ({ message = '' }: { message?: string }) => void this.warnings.push(message),
    } as never,
    onSeen: (seen) => {
      this.seen[seen] += 1;
    },
    onList: () => {},
    onOpen: () => {},
  });

  /** What is published by the next step. */
  async step(): Promise<string[]> {
    this.put.length = 0;
    await this.follower.step(this.#end.signal);
    return this.put.map(({ words }) => words);
  }

  pause(): Promise<number> {
    return this.follower.step(this.#end.signal);
  }
}

function wordsOf(key: string, letter: BusEvent): string {
  const name = key.replace('argocd/', '');
  return letter.type === 'application.observed' ? `${name} ${letter.data.health.status}` : `${name} gone`;
}

describe('Follower', () => {
  let journey: Journey;
  beforeEach(() => {
    journey = new Journey();
  });

  it('publishes the first list, then each change', async () => {
    const { source } = journey;
    source.lists.push(listOf(10, application('a', 1), application('b', 2)));
    assert.deepEqual(await journey.step(), ['a Healthy', 'b Healthy']);
    source.watches.push([
      open,
      event('MODIFIED', application('a', 11)),
      event('MODIFIED', application('a', 12, 'Degraded')),
      event('ADDED', application('c', 13)),
      event('DELETED', application('b', 14)),
    ]);
    assert.deepEqual(await journey.step(), ['a Degraded', 'c Healthy', 'b gone']);
    await journey.step();
    assert.deepEqual(source.asked, ['list', 'watch 10', 'watch 14']);
    assert.deepEqual([...journey.follower.known.keys()], ['argocd/a', 'argocd/c']);
  });

  it('publishes the differences of a relist, and what is gone', async () => {
    const { source } = journey;
    source.lists.push(listOf(10, application('a', 1), application('b', 2), application('c', 3)));
    await journey.step();
    source.watches.push([open, refused('expired')]);
    await journey.step();
    source.lists.push(listOf(30, application('a', 1), application('c', 25, 'Degraded'), application('d', 26)));
    assert.deepEqual(await journey.step(), ['c Degraded', 'd Healthy', 'b gone']);
    await journey.step();
    assert.deepEqual(source.asked, ['list', 'watch 10', 'list', 'watch 30']);
  });

  it('restarts a list whose next page has expired, and reports nothing as gone in between', async () => {
    const { source } = journey;
    source.lists.push(listOf(10, application('a', 1), application('b', 2)));
    await journey.step();
    source.watches.push([refused('expired')]);
    await journey.step();
    source.lists.push([{ is: 'items', items: [application('a', 1)] }, refused('expired')]);
    assert.deepEqual(await journey.step(), []);
    source.lists.push(listOf(20, application('a', 1), application('b', 2)));
    assert.deepEqual(await journey.step(), []);
  });

  it('reports as gone what the bus has and the list does not, and is not current before', async () => {
    const { source, follower, startMs } = journey;
    journey.onBus.push('a', 'gone-long-ago');
    source.lists.push(listOf(10, application('a', 1)));
    journey.isBusAway = true;
    assert.deepEqual(await journey.step(), ['a Healthy']);
    assert.equal(await journey.pause(), 500);
    assert.match(follower.fault ?? '', /cannot be asked which Applications have gone: no servers/);
    assert.equal(follower.isListed, false);
    journey.isBusAway = false;
    assert.deepEqual(await journey.step(), ['gone-long-ago gone']);
    assert.deepEqual([journey.put[0]?.sinceMs, follower.heardAtMs], [Number.NEGATIVE_INFINITY, startMs]);
    await journey.step();
    assert.deepEqual(source.asked, ['list', 'watch 10']);
  });

  it('drops an older object and keeps its place', async () => {
    const { source } = journey;
    source.lists.push(listOf(50, application('a', 50)));
    await journey.step();
    const earlier = [application('a', 40, 'Degraded'), application('a', 45, 'Progressing')];
    source.watches.push([open, ...earlier.map((object) => event('MODIFIED', object))]);
    assert.deepEqual(await journey.step(), []);
    await journey.step();
    assert.equal(source.asked.at(-1), 'watch 45');
  });

  it('ignores the deletion of an earlier object of the same name', async () => {
    const { source } = journey;
    source.lists.push(listOf(50, application('a', 50)));
    await journey.step();
    const earlier = application('a', 51);
    earlier.metadata['uid'] = 'earlier';
    source.watches.push([open, event('DELETED', earlier)]);
    assert.deepEqual(await journey.step(), []);
  });

  it('continues from a bookmark', async () => {
    const { source } = journey;
    source.lists.push(listOf(10));
    source.watches.push([open, bookmark(99)]);
    await journey.step();
    await journey.step();
    await journey.step();
    assert.equal(source.asked.at(-1), 'watch 99');
  });

  it('skips an object that is not an Application, and logs it', async () => {
    const { source } = journey;
    source.lists.push([{ is: 'items', items: [{ metadata: {} }, null] }, ...listOf(10, application('a', 1)).slice(0)]);
    assert.deepEqual(await journey.step(), ['a Healthy']);
    source.watches.push([open, event('MODIFIED', 'nonsense'), event('DELETED', {})]);
    assert.deepEqual(await journey.step(), []);
    assert.deepEqual(journey.seen, { published: 1, suppressed: 0, malformed: 4 });
  });

  it('is current from when the watch is open until it is silent for too long', async () => {
    const { source, clock, follower } = journey;
    assert.match(follower.fault ?? '', /first list/);
    source.lists.push(listOf(10));
    await journey.step();
    assert.match(follower.fault ?? '', /not open/);
    const faults: (string | undefined)[] = [];
    const look = () => void faults.push(follower.fault);
    const quiet = () => clock.pass(59_000);
    source.watches.push([open, look, quiet, look, bookmark(11), quiet, look, () => clock.pass(1_001), look]);
    await journey.step();
    assert.deepEqual(faults.slice(0, 3), [undefined, undefined, undefined]);
    assert.match(faults[3] ?? '', /no sign of life for 60001 ms/);
  });

  it('is as old as the request of its list, then as its last sign of life', async () => {
    const { source, clock, follower, startMs } = journey;
    source.lists.push([() => clock.pass(5_000), ...listOf(10, application('a', 1))]);
    await journey.step();
    assert.equal(follower.heardAtMs, startMs);
    assert.equal(journey.put[0]?.sinceMs, Number.NEGATIVE_INFINITY, 'before the first list nothing is known');
    const wait = () => clock.pass(1_000);
    source.watches.push([open, wait, bookmark(11), wait, event('MODIFIED', application('a', 12, 'Degraded'))]);
    await journey.step();
    assert.equal(journey.put[0]?.sinceMs, startMs + 6_000, 'what waits to be published counts from the sign before it');
    assert.equal(follower.heardAtMs, startMs + 7_000);
  });

  it('counts the regular end of a watch as a sign of life, and continues at once', async () => {
    const { source, clock, follower, startMs } = journey;
    source.lists.push(listOf(10));
    await journey.step();
    source.watches.push([open, () => clock.pass(19_900)]);
    assert.equal(await journey.pause(), 0);
    assert.equal(follower.heardAtMs, startMs + 19_900);
  });

  it('backs off from a server that closes at once', async () => {
    const { source, follower, startMs } = journey;
    source.lists.push(listOf(10));
    await journey.step();
    const pauses: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      source.watches.push([open]);
      pauses.push(await journey.pause());
    }
    assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    assert.equal(follower.heardAtMs, startMs, 'an accepted connection alone is not a sign of life');
  });

  it('pauses only briefly after a connection that delivered something', async () => {
    const { source } = journey;
    source.lists.push(listOf(10));
    await journey.step();
    for (const script of [[open], [open], [open, bookmark(11)]]) source.watches.push(script);
    assert.deepEqual([await journey.pause(), await journey.pause(), await journey.pause()], [250, 500, 250]);
    source.watches.push([open, bookmark(12), refused('failed')]);
    assert.equal(await journey.pause(), 250);
  });

  it('lists again after many failures in a row, and still counts them', async () => {
    const { source } = journey;
    source.lists.push(listOf(10), listOf(11));
    await journey.step();
    for (let round = 0; round < 5; round += 1) await journey.step();
    await journey.step();
    assert.deepEqual(source.asked, ['list', ...Array(5).fill('watch 10'), 'list']);
    assert.equal(await journey.pause(), 8_000);
  });

  it('waits for as long as the server asks, if that is longer', async () => {
    const { source } = journey;
    source.lists.push([refused('failed', { retryAfterMs: 7_000 })], [refused('failed', { retryAfterMs: 1 })]);
    assert.deepEqual([await journey.pause(), await journey.pause()], [7_000, 500]);
  });

  it('gives the refusal as the reason, and logs it once', async () => {
    const { source, follower } = journey;
    source.lists.push([refused('forbidden')], [refused('forbidden')], listOf(10));
    await journey.step();
    await journey.step();
    assert.equal(follower.fault, 'it is forbidden');
    assert.deepEqual(journey.warnings, ['it is forbidden']);
    await journey.step();
    source.watches.push([open, () => assert.equal(follower.fault, undefined)]);
    await journey.step();
  });

  it('runs until it is aborted', async () => {
    const { source, clock, follower } = journey;
    const end = new AbortController();
    source.lists.push([refused('failed')]);
    const running = follower.run(end.signal);
    while (clock.pauses.length === 0) await new Promise((resolve) => setImmediate(resolve));
    source.lists.push([...listOf(10)]);
    source.watches.push([open, () => end.abort(), refused('failed')]);
    clock.pass(250);
    await running;
    assert.deepEqual(source.asked, ['list', 'list', 'watch 10']);
    assert.deepEqual(journey.warnings, ['it is failed'], 'no warning about the shutdown of the service');
  });
});
