import assert from 'node:assert/strict';
import type { BusEvent } from '@k8sta/contracts';
import { createLogger } from '@k8sta/runtime';
import { Registry } from 'prom-client';
import { settled, TestClock } from './clock.fixture.js';
import { createMetrics } from './metrics.js';
import { application, bookmark, event, listOf, open, refused, ScriptedSource } from './source.fixture.js';
import { startWatcher, type Watcher } from './watcher.js';

/** A gate that a script waits at until the test opens it. */
function gate(): { wait: () => Promise<void>; open: () => void } {
  let openIt = () => {};
  const opened = new Promise<void>((resolve) => {
    openIt = resolve;
  });
  return { wait: () => opened, open: openIt };
}

describe('startWatcher', () => {
  let clock: TestClock;
  let said: string[];
  let isBusAway: boolean;
  let registry: Registry;
  let projects: ScriptedSource;
  let watcher: Watcher;
  let end: () => void;
  const sources = () => [new ScriptedSource(), new ScriptedSource()] as const;

  beforeEach(() => {
    clock = new TestClock();
    said = [];
    isBusAway = false;
    projects = new ScriptedSource();
    registry = new Registry();
  });
  afterEach(async () => {
    const stopped = watcher.stop();
    end();
    await stopped;
  });

  function start(...scripted: ScriptedSource[]): void {
    const last = gate();
    end = last.open;
    for (const { watches } of scripted) watches.push([open, last.wait]);
    watcher = startWatcher({
      instance: 'default',
      sources: scripted,
      projectSources: [projects],
      bus: {
        async publish(message: BusEvent) {
          if (message.type === 'project.observed') {
            said.push(`project ${message.data.name}`);
            return { stream: '', sequence: 1, duplicate: false };
          }
          if (isBusAway && message.type !== 'application.current') throw new Error('no servers');
          said.push(message.type === 'application.current' ? `current ${message.data.asOf}` : wordsOf(message));
          return { stream: '', sequence: 1, duplicate: false };
        },
        stored: async () => [],
        last: async () => undefined,
      },
      idleMs: 60_000,
      heartbeatMs: 15_000,
      clock,
      log: createLogger('test', 'silent'),
      metrics: createMetrics(registry),
    });
  }
  const wordsOf = ({ id }: BusEvent) => id.split('/')[2] ?? '';

  it('publishes no heartbeat before everything listed is published', async () => {
    const [one, other] = sources();
    const late = gate();
    one.lists.push(listOf(10, application('a', 1)));
    other.lists.push([late.wait, ...listOf(11, application('b', 2))]);
    start(one, other);
    await settled();
    assert.deepEqual(said, ['a']);
    assert.deepEqual([watcher.isListed, watcher.fault], [false, 'the first list of Applications is not done']);
    clock.pass(2_000);
    late.open();
    await settled();
    assert.deepEqual(said, ['a', 'b', 'current 2026-03-01T12:00:00.000Z']);
    assert.deepEqual([watcher.isListed, watcher.fault], [true, undefined]);
    assert.equal(watcher.knows({ namespace: 'argocd', name: 'b' }), true);
    assert.equal(watcher.knows({ namespace: 'argocd', name: 'c' }), false);
  });

  it('publishes projects, and does not depend on them', async () => {
    const source = new ScriptedSource();
    source.lists.push(listOf(10, application('a', 1)));
    projects.lists.push([refused('forbidden')], listOf(11, application('shop', 2)));
    start(source);
    await settled();
    assert.deepEqual(said, ['a', 'current 2026-03-01T12:00:00.000Z']);
    assert.equal(watcher.fault, undefined);
    clock.pass(250);
    await settled();
    assert.deepEqual(said.slice(2), ['project shop']);
  });

  it('publishes the first heartbeat as soon as everything listed is published', async () => {
    const source = new ScriptedSource();
    source.lists.push(listOf(10, application('a', 1)));
    isBusAway = true;
    start(source);
    await settled();
    assert.deepEqual(said, []);
    isBusAway = false;
    clock.pass(250);
    await settled();
    assert.deepEqual(said, ['a', 'current 2026-03-01T12:00:00.000Z']);
  });

  it('is as current as the watch with the oldest sign of life, and repeats the heartbeat', async () => {
    const [one, other] = sources();
    const later = [gate(), gate()] as const;
    one.lists.push(listOf(10));
    one.watches.push([open, bookmark(12), later[1].wait, bookmark(14)]);
    other.lists.push(listOf(11));
    other.watches.push([open, later[0].wait, bookmark(13)]);
    start(one, other);
    await settled();
    clock.pass(14_000);
    later[0].open();
    await settled();
    clock.pass(1_000);
    await settled();
    assert.deepEqual(said, ['current 2026-03-01T12:00:00.000Z']);
    later[1].open();
    await settled();
    assert.match(await registry.metrics(), /k8sta_watcher_lag_seconds 1\n/);
    clock.pass(15_000);
    await settled();
    assert.deepEqual(said.slice(1), ['current 2026-03-01T12:00:14.000Z']);
  });

  it('is only as current as the events that are published', async () => {
    const source = new ScriptedSource();
    const later = gate();
    source.lists.push(listOf(10, application('a', 1)));
    source.watches.push([
      open,
      later.wait,
      () => clock.pass(2_000),
      bookmark(11),
      () => {
        isBusAway = true;
        clock.pass(3_000);
      },
      event('MODIFIED', application('a', 12, 'Degraded')),
      () => clock.pass(5_000),
      bookmark(13),
      () => clock.pass(5_000),
    ]);
    start(source);
    await settled();
    later.open();
    await settled();
    assert.match(await registry.metrics(), /k8sta_watcher_waiting 1/);
    assert.deepEqual(said, ['a', 'current 2026-03-01T12:00:00.000Z', 'current 2026-03-01T12:00:02.000Z']);
    isBusAway = false;
    for (const ms of [250, 250, 14_500]) {
      clock.pass(ms);
      await settled();
    }
    assert.deepEqual(said.slice(3), ['a', 'current 2026-03-01T12:00:10.000Z']);
  });

  it('publishes no heartbeat while a watch is broken', async () => {
    const source = new ScriptedSource();
    const later = gate();
    source.lists.push(listOf(10));
    source.watches.push([open, later.wait, () => clock.pass(2_000), bookmark(11), refused('failed')]);
    start(source);
    await settled();
    source.watches.pop();
    later.open();
    await settled();
    assert.equal(watcher.fault, 'it is failed');
    clock.pass(15_000);
    await settled();
    assert.deepEqual(said, ['current 2026-03-01T12:00:00.000Z']);
  });

  it('counts what it reads and what it publishes', async () => {
    const source = new ScriptedSource();
    source.lists.push(listOf(10, application('a', 1), application('b', 2)));
    source.watches.push([open, event('MODIFIED', application('a', 11)), event('ADDED', 'nonsense')]);
    start(source);
    await settled();
    const text = await registry.metrics();
    for (const line of [
      'k8sta_watcher_applications 2',
      'k8sta_watcher_events_total{kind="published"} 2',
      'k8sta_watcher_events_total{kind="suppressed"} 1',
      'k8sta_watcher_events_total{kind="malformed"} 1',
      'k8sta_watcher_lists_total 1',
      'k8sta_watcher_waiting 0',
    ]) {
      assert.ok(text.includes(line), line);
    }
  });
});
