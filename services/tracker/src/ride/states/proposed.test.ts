import assert from 'node:assert/strict';
import { isWanted } from '../awaited.js';
import type { TrackEvent } from '../event.js';
import { aCommit, aLineOf, missDeadline, ride, twoParts } from '../line.fixture.js';
import { repository, type TestTrack, types } from '../ride.fixture.js';

const write = { pullRequest: { merge: 'byPeople' as const } };
const url = 'https://git.test/pull/7';
const hour = 3_600_000;

const proposed = (change = {}, stations = {}) => {
  const line = aLineOf({ dev: { write, ...change }, ...stations });
  line.push('1.0.0');
  line.propose('1.0.0');
  return line;
};

const wanted = (line: TestTrack, tag: string, part = 0) =>
  isWanted(line.state, line.id(tag), line.promotion(tag).id, part);

/** The parts that were requested again, with the count of their requests. */
const again = (events: TrackEvent[]) =>
  events.flatMap((event) => (event.type === 'reissued' ? event.requests.map(({ part, issue }) => [part, issue]) : []));

const shown = (line: TestTrack, tag: string) => line.live(tag).ticket.state['proposals'];

describe('a Ticket whose pull request is open', () => {
  it('requests it with how it is written and where the image runs already', () => {
    const line = aLineOf({ dev: {}, prod: { write } });
    line.push('1.0.0');
    assert.equal(line.promotion('1.0.0').parts[0]?.request.write, undefined);
    ride(line, '1.0.0');
    const { request } = line.promotion('1.0.0').parts[0] ?? {};
    assert.deepEqual(request?.write, write);
    assert.deepEqual(request?.arrivals, [{ station: 'dev', arrivedAt: line.now.toISOString() }]);
  });

  it('says where it is, since when, and what the forge says is missing', () => {
    const line = proposed();
    const since = line.now.toISOString();
    assert.equal(line.where('1.0.0'), 'promoting ProposalOpen');
    assert.equal(line.message('1.0.0'), `the pull request ${url} has been open since ${since} and waits for its merge`);
    assert.deepEqual(shown(line, '1.0.0'), [{ provider: 'github', number: 7, url }]);
    assert.deepEqual(types(line.delay('1.0.0', 'one review is missing')), ['partDelayed', 'waits']);
    assert.match(line.message('1.0.0'), / and waits for its merge: one review is missing$/);
    assert.deepEqual(line.delay('1.0.0', 'one review is missing'), [], 'a repeat');
    assert.deepEqual(line.propose('1.0.0'), [], 'a repeat');
  });

  it('keeps what is missing if that was heard before the pull request', () => {
    const line = aLineOf({ dev: { write } });
    line.push('1.0.0');
    line.delay('1.0.0', 'one review is missing');
    line.propose('1.0.0');
    assert.match(line.message('1.0.0'), /one review is missing$/);
  });

  it('shows the pull request that replaces one that was closed, and never the earlier one again', () => {
    const line = proposed();
    line.propose('1.0.0', 9);
    assert.deepEqual(shown(line, '1.0.0'), [{ provider: 'github', number: 9, url: 'https://git.test/pull/9' }]);
    assert.deepEqual(line.propose('1.0.0', 7), []);
  });

  it('waits past the time until which a commit may be made', () => {
    const line = proposed();
    line.later(10 * hour).current();
    assert.equal(line.where('1.0.0'), 'promoting ProposalOpen');
    assert.ok(wanted(line, '1.0.0'));
  });

  it('is judged as ever once it is merged, and shows no open pull request any more', () => {
    const line = proposed();
    line.later(10 * hour);
    line.commit('1.0.0', aCommit(), 0, undefined, { mergedBy: 'bob' });
    assert.equal(line.live('1.0.0').ticket.state.is, 'syncing');
    assert.equal(shown(line, '1.0.0'), undefined);
    assert.equal(line.live('1.0.0').ticket.stations[0]?.commits[0]?.['mergedBy'], 'bob');
    ride(line, '1.0.0');
    assert.equal(line.fate('1.0.0'), 'completed');
  });

  it('waits for both parts, of which one is proposed and one is committed', () => {
    const line = proposed(twoParts);
    assert.equal(line.where('1.0.0'), 'promoting CommitRequested');
    assert.match(line.message('1.0.0'), /^a commit was requested; .*; the pull request https/);
    line.commit('1.0.0', aCommit(), 1);
    assert.equal(line.where('1.0.0'), 'promoting ProposalOpen');
    line.commit('1.0.0', aCommit(), 0);
    assert.equal(line.live('1.0.0').ticket.state.is, 'syncing');
  });

  describe('is requested again', () => {
    it('an hour after the last word, because its request may be lost', () => {
      const line = proposed();
      line.later(hour - 1);
      assert.deepEqual(again(line.current()), []);
      line.later(1);
      assert.deepEqual(again(line.tick()), [[0, 1]]);
      assert.equal(line.last?.wakeAt, line.now.getTime() + hour);
      assert.deepEqual(again(line.tick()), [], 'until another hour is over');
      line.later(hour / 2);
      line.delay('1.0.0', 'a check runs');
      line.later(hour / 2);
      assert.deepEqual(again(line.tick()), [], 'the promoter was heard of');
      assert.equal(line.where('1.0.0'), 'promoting ProposalOpen');
    });

    it('when the streams were wiped', () => {
      const line = proposed();
      assert.deepEqual(again(line.take({ type: 'streamsLost' })), [[0, 1]]);
      assert.equal(line.where('1.0.0'), 'promoting ProposalOpen');
    });

    it('and an answer to an earlier request counts only if a person closed it', () => {
      const failed = (line: TestTrack, reason: 'Withdrawn' | 'ProposalClosed') => {
        const { id: promotion } = line.promotion('1.0.0');
        const head = { promotion, part: 0, issue: 0, ticket: line.id('1.0.0'), track: 'storefront', station: 'dev' };
        return line.take({ type: 'failed', data: { ...head, reason, message: '', failedAt: line.now.toISOString() } });
      };
      const line = proposed();
      line.take({ type: 'streamsLost' });
      assert.deepEqual(failed(line, 'Withdrawn'), []);
      failed(line, 'ProposalClosed');
      assert.equal(line.fate('1.0.0'), 'failed ProposalClosed');
    });
  });

  describe('is withdrawn, and the promoter is told at once,', () => {
    const cases: [string, (line: TestTrack) => TrackEvent[], string, RegExp][] = [
      ['when it is cancelled', (line) => line.cancel('1.0.0'), 'cancelled', /^alice cancelled it: not today/],
      ['when its Station is removed', remove, 'failed StationGone', /no longer has a Station "dev"/],
      ['when it is too old', tooOld, 'failed MaxAge', /longer than K8STA_TICKET_MAX_AGE_MS/],
      ['when a newer one could enter', newer, 'superseded GaveWay', /^Ticket \w+ \(1\.1\.0\) is newer/],
      ['when an operator lets another pass', express, 'superseded Displaced', /^alice let Ticket \w+/],
    ];
    for (const [why, act, fate, message] of cases) {
      it(`${why}: it waits for the answer and ends as ${fate}`, () => {
        const line = proposed();
        assert.deepEqual(again(act(line)), [[0, 1]]);
        assert.equal(line.where('1.0.0'), 'promoting Withdrawn');
        assert.match(line.message('1.0.0'), /https:\/\/git\.test\/pull\/7 is to be closed/);
        assert.match(line.live('1.0.0').ending?.message ?? '', message);
        assert.ok(!wanted(line, '1.0.0'));
        line.refuse('1.0.0', 'Withdrawn', 'closed');
        assert.equal(line.fate('1.0.0'), fate);
      });

      it(`${why}: it is judged as ever if it was merged in the meantime`, () => {
        const line = proposed();
        act(line);
        line.commit('1.0.0', aCommit());
        const ended = line.events.findLast(({ type }) => ['cancelled', 'superseded', 'failed'].includes(type));
        // With a newer one there, the block is given to it; else the arrival is judged first.
        if (ended) return assert.equal(line.fate('1.0.0'), fate);
        assert.equal(line.live('1.0.0').ticket.state.is, 'syncing');
        missDeadline(line, '1.0.0');
        assert.equal(line.fate('1.0.0'), fate);
      });
    }

    it('when it was opened after the withdrawal', () => {
      const line = aLineOf({ dev: { write } });
      line.push('1.0.0');
      assert.deepEqual(again(line.cancel('1.0.0')), []);
      assert.deepEqual(again(line.propose('1.0.0')), [[0, 1]]);
    });

    it('when its Station is paused: another one is opened when it is resumed', () => {
      const line = proposed();
      assert.deepEqual(again(line.pause('dev')), [[0, 1]]);
      line.refuse('1.0.0', 'Withdrawn', 'closed');
      assert.equal(line.where('1.0.0'), 'waiting Paused');
      line.resume('dev');
      assert.match(line.promotion('1.0.0').id, /\/dev\/2$/, 'its branch has another name');
    });
  });

  it('gives way to the newest of those that wait, and only to a newer one', () => {
    const line = proposed();
    line.later(1).push('0.9.0');
    assert.equal(line.where('1.0.0'), 'promoting ProposalOpen');
    line.later(1).push('1.2.0');
    assert.equal(line.where('1.0.0'), 'promoting Withdrawn');
    line.refuse('1.0.0', 'Withdrawn', 'closed');
    assert.equal(line.promotion('1.2.0').station, 'dev');
  });

  it('does not give way to one that cannot enter yet', () => {
    const line = aLineOf({ dev: { write, gates: { approval: { count: 1 } } } });
    line.push('1.0.0');
    line.approve('1.0.0', 'dev');
    line.propose('1.0.0');
    line.later(1).push('1.1.0');
    assert.equal(line.where('1.0.0'), 'promoting ProposalOpen');
    line.approve('1.1.0', 'dev');
    assert.equal(line.where('1.0.0'), 'promoting Withdrawn');
  });

  it('does not give way if an operator brought it there', () => {
    const line = aLineOf({ dev: { write } });
    line.promote('1.0.0');
    line.propose('1.0.0');
    line.later(1).push('1.1.0');
    assert.equal(line.where('1.0.0'), 'promoting ProposalOpen');
  });

  describe('that somebody closes', () => {
    const closed = 'bob closed https://git.test/pull/7';

    it('fails with who closed it, and rolls nothing back', () => {
      const line = proposed({ onFailure: 'rollback' as const });
      line.refuse('1.0.0', 'ProposalClosed', closed);
      assert.equal(line.fate('1.0.0'), 'failed ProposalClosed');
      const end = line.end('1.0.0');
      assert.match(end.type === 'failed' ? end.message : '', /: bob closed https:\/\/git\.test\/pull\/7$/);
      assert.ok(!types(line.events).includes('rollsBack'));
    });

    it('is opened again by the next attempt', () => {
      const line = proposed();
      const ticket = line.id('1.0.0');
      line.refuse('1.0.0', 'ProposalClosed', closed);
      line.say('retry', { ticket, image: { repository, tag: '1.0.0' }, attempt: 2, station: 'dev' });
      assert.equal(line.where('1.0.0'), 'promoting CommitRequested');
      line.propose('1.0.0', 8);
      assert.equal(line.where('1.0.0'), 'promoting ProposalOpen');
    });

    it('withdraws the pull requests of the other parts', () => {
      const line = aLineOf({ dev: { write, ...twoParts } });
      line.push('1.0.0');
      line.propose('1.0.0', 7, 0);
      line.propose('1.0.0', 8, 1);
      const events = line.refuse('1.0.0', 'ProposalClosed', closed);
      assert.deepEqual(again(events), [[1, 1]]);
      assert.deepEqual(shown(line, '1.0.0'), [{ provider: 'github', number: 8, url: 'https://git.test/pull/8' }]);
      line.refuse('1.0.0', 'Withdrawn', 'closed', 1);
      assert.equal(line.fate('1.0.0'), 'failed ProposalClosed');
    });

    it('rolls back the part that was committed', () => {
      const line = proposed({ ...twoParts, onFailure: 'rollback' as const });
      line.commit('1.0.0', aCommit(), 1, 'docker.io/acme/storefront:0.9.0');
      line.refuse('1.0.0', 'ProposalClosed', closed);
      assert.equal(line.live('1.0.0').ticket.state.is, 'rollingBack');
      assert.equal(line.promotion('1.0.0').parts.length, 1);
    });
  });
});

function remove(line: TestTrack): TrackEvent[] {
  const [dev] = line.track.stations;
  line.track = { ...line.track, stations: [{ ...dev, name: 'other' } as never] };
  return line.tick();
}

function tooOld(line: TestTrack): TrackEvent[] {
  line.later(14 * 24 * hour - 1);
  line.delay('1.0.0', 'a check runs');
  assert.equal(line.where('1.0.0'), 'promoting ProposalOpen');
  return line.later(1).tick();
}

function newer(line: TestTrack): TrackEvent[] {
  return line.later(1).push('1.1.0');
}

function express(line: TestTrack): TrackEvent[] {
  return line.later(1).rollback('dev', '0.9.0');
}
