import assert from 'node:assert/strict';
import type { Bus } from '@k8sta/bus';
import { anApplication, aTrack, sha, TestTrack } from '../ride/ride.fixture.js';
import { trackChecker } from './checker.js';
import type { Reply } from './findings.js';

/** A checker of one Track, whose promoter answers what the test says. */
function aChecker() {
  const line = new TestTrack(aTrack({ dev: ['dev'] }));
  line.observe(anApplication('dev', sha('0')));
  const world = { reply: { is: 'possible', applications: [] } as Reply, asked: 0, isWatched: true, isOurs: true };
  const bus = {
    async ask() {
      world.asked += 1;
      return world.reply;
    },
    maxPayload: () => 1024 * 1024,
  } as unknown as Pick<Bus, 'ask' | 'maxPayload'>;
  const engine = {
    tracks: [line.track],
    take: async (_: unknown, input: Parameters<TestTrack['take']>[0]) => void line.take(input),
    state: async () => line.state,
  };
  const checker = trackChecker(
    engine,
    bus,
    { sources: async () => () => [] },
    { isOurs: () => world.isOurs },
    () => world.isWatched,
    () => line.now,
  );
  const asksAfter = async (ms: number): Promise<number> => {
    line.later(ms);
    world.asked = 0;
    await checker.round();
    return world.asked;
  };
  const observe = (change: object) => {
    line.observe(anApplication('dev', sha('1'), change));
    checker.changed(line.track, line.last?.history ?? []);
  };
  return { line, world, checker, asksAfter, observe };
}

describe('the checker of Tracks', () => {
  it('asks again while a finding holds a Station, because a commit alone may fix it', async () => {
    const { line, world, asksAfter } = aChecker();
    world.reply = { is: 'refused', reason: 'SharedFile', message: 'prod reads it too' };
    assert.equal(await asksAfter(0), 1);
    assert.deepEqual(
      line.state.findings.map(({ holds }) => holds),
      [true],
    );
    assert.equal(await asksAfter(29_999), 0, 'not all the time');
    world.reply = { is: 'possible', applications: [] };
    assert.equal(await asksAfter(1), 1);
    assert.deepEqual(line.state.findings, []);
    assert.equal(await asksAfter(86_400_000), 0);
  });

  it('asks again if an Application changes in a field that matters, and not for its health', async () => {
    const { asksAfter, observe } = aChecker();
    await asksAfter(0);
    observe({ health: { status: 'Degraded' } });
    assert.equal(await asksAfter(1), 0);
    observe({ autoSync: false });
    assert.equal(await asksAfter(1), 1);
  });

  it('leaves a Track of another replica to it, until this one becomes the owner', async () => {
    const { line, world, checker, asksAfter } = aChecker();
    world.isOurs = false;
    assert.equal(await asksAfter(0), 0);
    world.isOurs = true;
    assert.equal(await asksAfter(0), 1);
    assert.equal(await asksAfter(0), 0);
    checker.takenOver(line.track);
    assert.equal(await asksAfter(0), 1);
  });

  it('checks a Track of another replica that this one has changed, as long as a finding holds a Station', async () => {
    const { world, asksAfter, observe } = aChecker();
    world.isOurs = false;
    world.reply = { is: 'refused', reason: 'SharedFile', message: 'prod reads it too' };
    observe({ autoSync: false });
    assert.equal(await asksAfter(0), 1);
    world.reply = { is: 'possible', applications: [] };
    assert.equal(await asksAfter(30_000), 1);
    assert.equal(await asksAfter(86_400_000), 0);
  });

  it('asks nothing before the first heartbeat', async () => {
    const { world, asksAfter } = aChecker();
    world.isWatched = false;
    assert.equal(await asksAfter(0), 0);
    world.isWatched = true;
    assert.equal(await asksAfter(0), 1);
  });
});
