import assert from 'node:assert/strict';
import { aCommit, aLineOf, missDeadline, ride, seen, turns } from '../line.fixture.js';
import { idOf, type TestTrack, types } from '../ride.fixture.js';

const shut = { kind: 'allow', schedule: '0 3 1 1 *', durationMs: 60_000, timeZone: 'UTC' } as const;

describe('a Ticket that an operator lets pass', () => {
  it('passes approval, window, check, `after`, the departure and a pause, and says who let it and why', () => {
    const line = aLineOf({
      dev: {},
      prod: {
        gates: {
          ...{ approval: { count: 2 }, windows: [shut], after: [{ track: 'eu', station: 'prod' }] },
          checks: [{ name: 'smoke', of: 'dev', timeoutMs: 1_000 }],
        },
      },
    });
    line.pause('prod');
    line.push('1.0.0');
    ride(line, '1.0.0');
    turns(line, 'dev', 'Degraded');
    assert.equal(line.where('1.0.0'), 'waiting Paused');
    assert.ok(types(line.express('1.0.0')).includes('promotes'));
    assert.deepEqual([line.live('1.0.0').express?.by, line.live('1.0.0').express?.message], ['alice', 'hotfix']);
  });

  it('displaces the Ticket that holds the Station, and older ones may not follow', () => {
    const line = aLineOf({ dev: {}, prod: {} });
    line.push('1.0.0');
    line.commit('1.0.0', aCommit());
    line.later(1).push('1.1.0');
    assert.equal(line.where('1.1.0'), 'waiting BlockHeld');
    line.express('1.1.0');
    assert.equal(line.fate('1.0.0'), 'superseded Displaced');
    const ended = line.end('1.0.0');
    assert.match(ended.type === 'superseded' ? ended.message : '', /^alice let Ticket .*1.1.0\) pass: hotfix$/);
    assert.equal(line.promotion('1.1.0').station, 'dev');
    line.later(1).push('1.0.9');
    assert.equal(line.fate('1.0.9'), 'superseded NewerTicket');
  });

  it('displaces a Ticket whose request is open only after the promoter has answered', () => {
    const line = aLineOf({ dev: {} });
    line.push('1.0.0');
    line.later(1).push('1.1.0');
    line.express('1.1.0');
    assert.equal(line.where('1.0.0'), 'promoting Withdrawn');
    assert.equal(line.where('1.1.0'), 'waiting BlockHeld');
    line.refuse('1.0.0', 'Withdrawn', 'not wanted');
    assert.equal(line.promotion('1.1.0').station, 'dev');
  });

  it('displaces one that soaks', () => {
    const line = aLineOf({ dev: { soakMs: 600_000 } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.later(1).push('1.1.0');
    line.express('1.1.0');
    assert.equal(line.fate('1.0.0'), 'superseded Displaced');
  });

  it('overtakes a newer one that waits', () => {
    const line = aLineOf({ dev: {}, prod: { gates: { approval: { count: 1 } } } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.pause('dev');
    line.later(1).push('1.1.0');
    line.express('1.0.0');
    assert.equal(line.promotion('1.0.0').station, 'prod');
  });

  it('does not interrupt a rollback', () => {
    const line = aLineOf({ dev: { onFailure: 'rollback' } });
    line.push('1.0.0');
    line.commit('1.0.0', aCommit(), 0, 'acme/storefront:0.9.0');
    missDeadline(line, '1.0.0');
    line.later(1).push('1.1.0');
    line.express('1.1.0');
    assert.equal(line.live('1.0.0').ticket.state.is, 'rollingBack');
    assert.equal(line.where('1.1.0'), 'waiting BlockHeld');
    ride(line, '1.0.0');
    assert.equal(line.promotion('1.1.0').station, 'dev');
  });

  it('does not pass a finding', () => {
    const line = aLineOf({ dev: {} });
    const finding = { station: 'dev', holds: true, reason: 'SharedFile', message: 'prod reads dev/values.yaml' };
    line.take({ type: 'checked', findings: [finding] as never });
    line.push('1.0.0');
    line.express('1.0.0');
    assert.equal(line.where('1.0.0'), 'waiting StationHeld');
    line.take({ type: 'checked', findings: [] });
    assert.equal(line.live('1.0.0').ticket.state.is, 'promoting');
  });

  it('does not pass a person', () => {
    const line = aLineOf({ dev: {} });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.standing = { relation: 'contains', namesImage: false, named: 'acme/storefront:0.9.0' };
    line.later(60_000).current();
    line.push('1.1.0');
    line.express('1.1.0');
    assert.equal(line.where('1.1.0'), 'waiting HeldByPerson');
  });

  it('passes only up to the Station of the word, and is an ordinary Ticket after it', () => {
    const gates = { approval: { count: 1 } };
    const line = aLineOf({ dev: { gates }, stage: { gates }, prod: { gates } });
    line.push('1.0.0');
    line.express('1.0.0', 'stage');
    ride(line, '1.0.0');
    ride(line, '1.0.0');
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
    line.later(1).push('1.1.0');
    line.express('1.1.0', 'stage');
    ride(line, '1.1.0');
    ride(line, '1.1.0');
    assert.equal(line.fate('1.0.0'), 'superseded NewerTicket');
  });

  it('keeps the limit of the last word, whatever is delivered again', () => {
    const gates = { approval: { count: 1 } };
    const line = aLineOf({ dev: { gates }, prod: { gates } });
    line.push('1.0.0');
    const say = (sequence: number, station?: string) =>
      line.say('express', { ticket: line.id('1.0.0'), ...(station !== undefined && { station }) }, { sequence });
    say(7);
    say(8, 'dev');
    assert.deepEqual(say(7), []);
    assert.equal(line.live('1.0.0').express?.until, 'dev');
  });
});

describe('a block', () => {
  it('keeps out the Tickets of other lanes of the Track, and gives them their turn by the time of their push', () => {
    const images = ['docker.io/acme/storefront', 'docker.io/acme/api'].map((repository) => ({
      ...{ repository, tags: { is: 'strictSemver' } as const },
    }));
    const line = aLineOf({ dev: {} }, { images });
    line.push('0.9.0', { image: 'docker.io/acme/api' });
    ride(line, '0.9.0');
    line.later(60_000).push('2.0.0');
    line.later(1).push('2.1.0');
    line.later(1).push('1.0.0', { image: 'docker.io/acme/api' });
    assert.equal(line.where('1.0.0'), 'waiting BlockHeld');
    ride(line, '2.0.0');
    assert.equal(line.live('2.1.0').ticket.state.is, 'promoting', 'the lower version of another lane is not first');
    ride(line, '2.1.0');
    assert.equal(line.live('1.0.0').ticket.state.is, 'promoting');
  });

  it('is held by one Ticket when a check fails behind a newer one', () => {
    const checks = [{ name: 'smoke', of: 'dev', timeoutMs: 60_000 }];
    const line = aLineOf({ dev: { onFailure: 'rollback' }, prod: { gates: { checks } } });
    const holders = (each: TestTrack) =>
      Object.values(each.state.tickets).filter(({ ticket }) => ticket.state['station'] === 'dev').length;
    line.push('0.9.0');
    ride(line, '0.9.0');
    line.later(1).push('1.0.0');
    ride(line, '1.0.0');
    line.later(1).push('1.1.0');
    line.report('1.0.0', 'prod', 'smoke', 'failed');
    assert.equal(line.fate('1.0.0'), 'failed CheckFailed');
    assert.match(JSON.stringify(line.end('1.0.0')), /not rolled back: Ticket .*1.1.0\) replaces it/);
    assert.equal(holders(line), 1);
    assert.notEqual(idOf('1.0.0'), line.id('1.1.0'));
    assert.deepEqual(line.observe(seen(line, 'dev', aCommit())).length, 1);
  });

  it('is waited for when a check fails while another lane holds the Station', () => {
    const checks = [{ name: 'smoke', of: 'dev', timeoutMs: 60_000 }];
    const images = ['docker.io/acme/storefront', 'docker.io/acme/api'].map((repository) => ({
      ...{ repository, tags: { is: 'strictSemver' } as const },
    }));
    const line = aLineOf({ dev: { onFailure: 'rollback' }, prod: { gates: { checks } } }, { images });
    line.push('0.9.0');
    ride(line, '0.9.0');
    line.later(1).push('1.0.0');
    ride(line, '1.0.0');
    line.later(1).push('3.0.0', { image: 'docker.io/acme/api' });
    line.report('1.0.0', 'prod', 'smoke', 'failed');
    assert.equal(line.where('1.0.0'), 'waiting BlockHeld');
    assert.match(
      line.message('1.0.0'),
      /reported the check smoke of dev as failed; goes back once Ticket .* gives dev back/,
    );
    ride(line, '3.0.0');
    assert.equal(line.live('1.0.0').ticket.state.is, 'rollingBack');
  });
});
