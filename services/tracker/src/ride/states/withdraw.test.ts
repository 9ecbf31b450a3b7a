import assert from 'node:assert/strict';
import { isWanted } from '../awaited.js';
import { aCommit, aLineOf, arrive, missDeadline, ride, turns, twoParts } from '../line.fixture.js';
import { idOf, type TestTrack, types } from '../ride.fixture.js';

const wanted = (line: TestTrack, tag: string, part = 0) =>
  isWanted(line.state, line.id(tag), line.promotion(tag).id, part);

const requested = (change = {}, stations = {}) => {
  const line = aLineOf({ dev: change, ...stations });
  line.push('1.0.0');
  assert.ok(wanted(line, '1.0.0'));
  return line;
};

/** What withdraws a request, and how the Ticket ends if nothing was committed. */
const reasons: [string, (line: TestTrack) => void, string][] = [
  ['an operator cancels it', (line) => line.cancel('1.0.0'), 'cancelled'],
  ['its Track is removed', (line) => removeAll(line), 'failed TrackGone'],
  ['its Station is removed', (line) => removeDev(line), 'failed StationGone'],
  ['an operator lets another pass', (line) => expressAnother(line), 'superseded Displaced'],
];

function removeAll(line: TestTrack) {
  line.track = { ...line.track, stations: [] };
  line.tick();
}

function removeDev(line: TestTrack) {
  const [dev] = line.track.stations;
  line.track = { ...line.track, stations: [{ ...dev, name: 'other' } as never] };
  line.tick();
}

function expressAnother(line: TestTrack) {
  line.later(1).push('1.1.0');
  line.express('1.1.0');
}

describe('a Ticket whose requested commit is withdrawn', () => {
  for (const [why, withdraw, fate] of reasons) {
    it(`waits for the promoter’s answer when ${why}`, () => {
      const line = requested();
      withdraw(line);
      assert.equal(line.where('1.0.0'), 'promoting Withdrawn');
      assert.ok(!wanted(line, '1.0.0'));
      line.later(3_600_001).tick();
      assert.equal(line.where('1.0.0'), 'promoting Withdrawn', 'a push may have happened');
      line.refuse('1.0.0', 'Withdrawn', 'not wanted');
      assert.equal(line.fate('1.0.0'), fate);
    });
  }

  it('keeps the block after a commit that came first until that is judged, and then ends', () => {
    const line = requested({}, { prod: {} });
    line.cancel('1.0.0');
    line.commit('1.0.0', 'c'.repeat(40));
    assert.equal(line.live('1.0.0').ticket.state.is, 'syncing');
    assert.deepEqual(types(arrive(line, '1.0.0', ['dev'], 'c'.repeat(40))).slice(-3), ['arrived', 'cancelled', 'left']);
    const ended = line.end('1.0.0');
    assert.equal(ended.type === 'cancelled' && ended.station, 'dev', 'its commit is there');
  });

  it('gives the block with its commit to a newer Ticket at once', () => {
    const line = requested({}, { prod: {} });
    line.cancel('1.0.0');
    line.later(1).push('1.1.0');
    assert.equal(line.where('1.1.0'), 'waiting BlockHeld');
    line.commit('1.0.0', 'c'.repeat(40));
    assert.equal(line.fate('1.0.0'), 'cancelled');
    assert.equal(line.promotion('1.1.0').station, 'dev');
  });

  it('says with the word of the operator that its commit failed', () => {
    const line = requested();
    line.cancel('1.0.0');
    line.commit('1.0.0', 'c'.repeat(40));
    missDeadline(line, '1.0.0');
    assert.equal(line.fate('1.0.0'), 'cancelled');
    assert.match(
      JSON.stringify(line.end('1.0.0')),
      /alice cancelled it: not today; not arrived at dev by .*its commit stays/,
    );
  });

  it('gives a block that was committed after the withdrawal to the Ticket that an operator lets pass', () => {
    const line = requested();
    line.rollback('dev', '0.9.0');
    assert.equal(line.where('1.0.0'), 'promoting Withdrawn');
    line.commit('1.0.0', aCommit());
    assert.equal(line.fate('1.0.0'), 'superseded Displaced');
    assert.equal(line.promotion('0.9.0').station, 'dev', 'it is older, and goes on at once');
  });

  it('waits for both parts, and ends as it was to end if one was committed and one was not', () => {
    const line = requested(twoParts);
    line.cancel('1.0.0');
    line.commit('1.0.0', aCommit(), 0);
    assert.equal(line.where('1.0.0'), 'promoting Withdrawn');
    line.refuse('1.0.0', 'Withdrawn', 'not wanted', 1);
    assert.equal(line.fate('1.0.0'), 'cancelled');
    assert.match(JSON.stringify(line.end('1.0.0')), /Withdrawn: .*not wanted; its commit stays: /);
  });

  it('waits where it was after a pause, and requests the commit again when it is resumed', () => {
    const line = requested();
    line.pause('dev');
    assert.equal(line.where('1.0.0'), 'promoting Withdrawn');
    line.refuse('1.0.0', 'Withdrawn', 'not wanted');
    assert.equal(line.where('1.0.0'), 'waiting Paused');
    line.resume('dev');
    assert.equal(line.promotion('1.0.0').id, `${idOf('1.0.0')}/dev/2`);
    ride(line, '1.0.0');
    assert.equal(line.fate('1.0.0'), 'completed');
  });

  it('keeps the block after a pause between two parts, and requests the other one again when it is resumed', () => {
    const line = requested(twoParts);
    const { id } = line.promotion('1.0.0');
    line.pause('dev');
    line.commit('1.0.0', aCommit(), 0);
    line.refuse('1.0.0', 'Withdrawn', 'not wanted', 1);
    assert.equal(line.where('1.0.0'), 'promoting Paused');
    assert.match(
      line.message('1.0.0'),
      /^alice paused the Station dev .*; 1 of 2 commits are on their branches already$/,
    );
    assert.ok(!wanted(line, '1.0.0', 1));
    line.later(3_600_000);
    const [, again] = line.resume('dev');
    assert.ok(again?.type === 'requestedAgain');
    assert.deepEqual(
      again.requests.map(({ part, issue }) => [part, issue]),
      [[1, 1]],
    );
    assert.equal(line.where('1.0.0'), 'promoting CommitRequested');
    assert.equal(line.live('1.0.0').ticket.state['notAfter'], new Date(line.now.getTime() + 3_600_000).toISOString());
    assert.ok(wanted(line, '1.0.0', 1));
    const head = { promotion: id, part: 1, issue: 0, ticket: line.id('1.0.0'), track: 'storefront', station: 'dev' };
    const failedAt = line.now.toISOString();
    const repeat = { ...head, reason: 'Withdrawn', message: 'not wanted', failedAt } as const;
    assert.deepEqual(line.take({ type: 'failed', data: repeat }), [], 'it answers the first request');
    line.commit('1.0.0', aCommit(), 1);
    assert.equal(line.live('1.0.0').ticket.state.is, 'syncing');
    assert.equal(line.promotion('1.0.0').id, id);
  });

  it('between two parts goes on at once if it was resumed before the promoter answered', () => {
    const line = requested(twoParts);
    line.pause();
    line.resume();
    line.commit('1.0.0', aCommit(), 0);
    line.refuse('1.0.0', 'Withdrawn', 'not wanted', 1);
    assert.equal(line.where('1.0.0'), 'promoting CommitRequested');
  });

  for (const [why, act, fate] of [
    ['is cancelled', (line: TestTrack) => line.cancel('1.0.0'), 'cancelled'],
    ['gives way to a Ticket that an operator lets pass', expressAnother, 'superseded Displaced'],
  ] as const) {
    it(`${why} while a pause between two parts lasts, and says which commit stays`, () => {
      const line = requested(twoParts);
      line.pause();
      line.commit('1.0.0', aCommit(), 0);
      line.refuse('1.0.0', 'Withdrawn', 'not wanted', 1);
      act(line);
      assert.equal(line.fate('1.0.0'), fate);
      assert.match(JSON.stringify(line.end('1.0.0')), /its commit stays: /);
    });
  }

  it('fails after a pause if the promoter refused the other part', () => {
    const line = requested(twoParts);
    line.pause();
    line.commit('1.0.0', aCommit(), 0);
    line.refuse('1.0.0', 'RefRefused', 'protected', 1);
    assert.equal(line.fate('1.0.0'), 'failed PromotionFailed');
  });

  it('waits at the Station where it was, and leaves it only while that is well', () => {
    const line = requested({}, { prod: {} });
    ride(line, '1.0.0');
    const toDev = `${idOf('1.0.0')}/dev/1`;
    for (let time = 0; time < 2; time++) {
      assert.equal(line.promotion('1.0.0').station, 'prod');
      line.pause();
      line.refuse('1.0.0', 'Withdrawn', 'not wanted');
      const { state } = line.live('1.0.0').ticket;
      assert.deepEqual([state['at'], state['next'], state['reason']], ['dev', 'prod', 'Paused']);
      assert.equal(line.promotion('1.0.0').id, toDev, 'dev is judged by the promotion that brought it there');
      turns(line, 'dev', 'Degraded');
      line.resume();
      assert.equal(line.where('1.0.0'), 'waiting Degraded');
      turns(line, 'dev', 'Healthy');
    }
    line.commit('1.0.0', aCommit());
    assert.equal(line.live('1.0.0').earlier, undefined);
  });

  it('soaks and goes on if the commit came before the pause', () => {
    const line = requested({ soakMs: 600_000 }, { prod: {} });
    line.pause();
    ride(line, '1.0.0');
    assert.equal(line.where('1.0.0'), 'waiting Soaking');
    line.later(600_000).current();
    assert.equal(line.where('1.0.0'), 'waiting Paused');
  });

  it('is cancelled although it was paused before', () => {
    const line = requested();
    line.pause();
    line.cancel('1.0.0');
    line.refuse('1.0.0', 'Withdrawn', 'not wanted');
    assert.equal(line.fate('1.0.0'), 'cancelled');
  });

  it('answers a repeat of the promoter without effect', () => {
    const line = requested();
    line.pause();
    const { id } = line.promotion('1.0.0');
    const refused = () =>
      line.take({
        type: 'failed',
        data: {
          ...{ promotion: id, part: 0, ticket: line.id('1.0.0'), track: 'storefront', station: 'dev' },
          ...{ reason: 'Withdrawn', message: 'not wanted', failedAt: line.now.toISOString() },
        },
      });
    refused();
    assert.deepEqual(refused(), []);
    line.resume();
    assert.deepEqual(refused(), [], 'the second request has another id');
  });
});
