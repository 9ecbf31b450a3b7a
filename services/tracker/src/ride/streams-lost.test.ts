import assert from 'node:assert/strict';
import { ticketId } from '@k8sta/contracts';
import { publish } from '../projections/publish.js';
import { aLineOf, ride } from './line.fixture.js';
import { repository, type TestTrack } from './ride.fixture.js';

const timeoutMs = 1_200_000;
const smoke = { name: 'smoke', of: 'dev', timeoutMs };

/** What is published when the streams were wiped. */
const publishedAgain = (line: TestTrack) => {
  line.take({ type: 'streamsLost' });
  return publish(line.last?.history ?? [], 7).events;
};

const withCheck = () => {
  const line = aLineOf({ dev: {}, stage: {}, prod: { gates: { checks: [smoke] } } });
  line.push('1.0.0');
  ride(line, '1.0.0');
  return line;
};

describe('when the streams were wiped', () => {
  it('a check that nobody has reported is requested again, with its id and its time', () => {
    const line = withCheck();
    const until = new Date(line.now.getTime() + timeoutMs).toISOString();
    line.later(60_000);
    const [request, ...others] = publishedAgain(line).filter(({ type }) => type === 'check.requested');
    assert.equal(request?.id, `check.requested/${line.id('1.0.0')}/prod/smoke`);
    assert.ok(request?.type === 'check.requested');
    const { station, name, of, until: end } = request.data;
    assert.deepEqual([station, name, of, end], ['prod', 'smoke', 'dev', until]);
    assert.deepEqual(others, []);
    line.report('1.0.0', 'prod', 'smoke', 'passed');
    assert.equal(line.live('1.0.0').checks?.['prod/smoke']?.outcome, 'passed');
  });

  it('a check that was reported, that timed out or that an operator has passed is not requested again', () => {
    const checks = (line: TestTrack) => publishedAgain(line).filter(({ type }) => type === 'check.requested');
    const reported = withCheck();
    reported.report('1.0.0', 'prod', 'smoke', 'passed');
    assert.deepEqual(checks(reported), []);
    const late = withCheck();
    assert.deepEqual(checks(late.later(timeoutMs)), []);
    const passed = withCheck();
    ride(passed, '1.0.0');
    passed.express('1.0.0');
    assert.equal(passed.promotion('1.0.0').station, 'prod');
    assert.deepEqual(checks(passed), []);
  });

  it('the Tickets of a junction that have not ended are opened again, under the same ids', () => {
    const line = aLineOf({ world: { tracks: ['eu', 'us', 'apac'] } });
    line.push('1.0.0');
    const ticket = line.id('1.0.0');
    const idOn = (track: string) => ticketId(track, { repository, tag: '1.0.0' });
    const about = (track: string) => ({ is: 'child', track, ticket: idOn(track) }) as const;
    line.take({ type: 'elsewhereKnown', ticket, about: about('eu'), is: 'completed' });
    line.take({ type: 'elsewhereKnown', ticket, about: about('apac'), is: 'superseded', by: 'newer' });
    const before = line.live('1.0.0');
    const opened = publishedAgain(line);
    assert.deepEqual(
      opened.map(({ id }) => id),
      [`ticket.opened/${idOn('us')}`],
    );
    const { data } = opened[0] as { data: { track?: unknown; parent?: unknown } };
    assert.deepEqual([data.track, data.parent], ['us', { track: 'storefront', ticket, station: 'world' }]);
    assert.deepEqual(line.live('1.0.0'), before);
  });
});
