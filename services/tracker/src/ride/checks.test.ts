import assert from 'node:assert/strict';
import { aLineOf, ride } from './line.fixture.js';
import { type TestTrack, types } from './ride.fixture.js';

const timeoutMs = 1_200_000;
const smoke = { name: 'smoke', of: 'stage', timeoutMs };

const arrivedAtStage = (prod = {}, stage = {}): TestTrack => {
  const line = aLineOf({ dev: {}, stage, prod: { gates: { checks: [smoke], ...prod } } });
  line.push('1.0.0');
  ride(line, '1.0.0');
  ride(line, '1.0.0');
  return line;
};

describe('a check', () => {
  it('is requested once when the Ticket arrives at the Station that is checked, and keeps the next one closed', () => {
    const line = arrivedAtStage();
    const requests = line.events.filter(({ type }) => type === 'checkRequested');
    const until = new Date(line.now.getTime() + timeoutMs).toISOString();
    assert.deepEqual(
      requests.map((event) => event.type === 'checkRequested' && [event.station, event.name, event.of, event.until]),
      [['prod', 'smoke', 'stage', until]],
    );
    assert.equal(line.where('1.0.0'), 'waiting CheckPending');
    assert.equal(line.message('1.0.0'), `prod waits for the check smoke, until ${until}`);
    assert.equal(line.live('1.0.0').ticket.state['until'], until);
    line.report('1.0.0', 'prod', 'smoke', 'passed');
    assert.equal(line.promotion('1.0.0').station, 'prod');
  });

  it('is requested when the Ticket arrives, although it soaks or another gate is closed', () => {
    for (const line of [arrivedAtStage({}, { soakMs: 600_000 }), arrivedAtStage({ approval: { count: 1 } })]) {
      assert.ok(types(line.events).includes('checkRequested'));
      assert.notEqual(line.reason('1.0.0'), 'CheckPending');
      line.report('1.0.0', 'prod', 'smoke', 'passed');
      assert.equal(line.live('1.0.0').checks?.['prod/smoke']?.outcome, 'passed');
    }
  });

  it('that failed fails the Station that was checked', () => {
    const line = arrivedAtStage();
    line.report('1.0.0', 'prod', 'smoke', 'failed');
    assert.equal(line.fate('1.0.0'), 'failed CheckFailed');
    assert.match(JSON.stringify(line.end('1.0.0')), /ci reported the check smoke of stage as failed; its commit stays/);
  });

  it('that failed takes the Station back where it says so', () => {
    const line = arrivedAtStage({}, { onFailure: 'rollback', soakMs: 600_000 });
    line.cancel('1.0.0');
    line.later(1).push('1.1.0');
    ride(line, '1.1.0');
    ride(line, '1.1.0');
    line.report('1.1.0', 'prod', 'smoke', 'failed');
    const { state } = line.live('1.1.0').ticket;
    assert.equal(state.is === 'rollingBack' && state.failure.reason, 'CheckFailed');
    assert.match(state.is === 'rollingBack' ? state.to : '', /:1.0.0$/);
  });

  it('that nobody reports times out with a timer of its own, behind another gate too', () => {
    const line = arrivedAtStage({ approval: { count: 1 } });
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
    assert.equal(line.last?.wakeAt, line.now.getTime() + timeoutMs);
    line.later(timeoutMs).tick();
    assert.equal(line.fate('1.0.0'), 'failed CheckTimedOut');
  });

  it('times out too for a Ticket that an operator starts behind the Station that is to be checked', () => {
    const line = aLineOf({ stage: {}, prod: { gates: { checks: [smoke] } } });
    line.promote('1.0.0', 'prod');
    assert.equal(line.where('1.0.0'), 'waiting CheckPending');
    assert.equal(line.last?.wakeAt, line.now.getTime() + timeoutMs);
    line.later(timeoutMs).tick();
    assert.equal(line.fate('1.0.0'), 'failed CheckTimedOut');
  });

  it('may be reported again: the last report in the stream counts', () => {
    const line = arrivedAtStage({ approval: { count: 1 } });
    const ticket = line.id('1.0.0');
    const say = (outcome: 'passed' | 'failed', sequence: number) =>
      line.say('check', { ticket, station: 'prod', name: 'smoke', outcome, by: 'ci' }, { sequence });
    say('passed', 20);
    assert.deepEqual(say('failed', 19), [], 'it was reported before');
    assert.deepEqual(say('passed', 20), [], 'a repeat');
    say('failed', 21);
    assert.equal(line.fate('1.0.0'), 'failed CheckFailed');
  });

  it('is not taken after its time, nor for a name that nobody asked for', () => {
    const line = arrivedAtStage();
    assert.deepEqual(line.report('1.0.0', 'prod', 'load', 'passed'), []);
    line.later(timeoutMs + 1);
    line.report('1.0.0', 'prod', 'smoke', 'passed');
    assert.equal(line.fate('1.0.0'), 'failed CheckTimedOut');
  });

  it('is taken if it came in time and the tracker was away', () => {
    const line = arrivedAtStage();
    const word = { ticket: line.id('1.0.0'), station: 'prod', name: 'smoke', outcome: 'passed', by: 'ci' } as const;
    const receivedAt = line.now.toISOString();
    line.later(timeoutMs + 1).say('check', word, { receivedAt });
    assert.equal(line.live('1.0.0').checks?.['prod/smoke']?.outcome, 'passed');
  });
});
