import assert from 'node:assert/strict';
import { aLineOf, ride } from '../line.fixture.js';
import type { TestTrack } from '../ride.fixture.js';

const place = { track: 'eu', station: 'prod' };
const about = { is: 'arrival', ...place } as const;

const waiting = () => {
  const line = aLineOf({ dev: { gates: { after: [place] } } });
  line.push('1.0.0');
  return line;
};
const answer = (line: TestTrack, is?: 'arrived') =>
  line.take({ type: 'elsewhereKnown', ticket: line.id('1.0.0'), about, ...(is && { is }) });
const asks = (line: TestTrack) => line.last?.elsewhere.map((question) => question.about);

describe('the gate `after`', () => {
  it('opens when the image has arrived at the Station of the other Track', () => {
    const line = waiting();
    assert.equal(line.where('1.0.0'), 'waiting AfterOther');
    assert.match(line.message('1.0.0'), /cannot enter dev: .*storefront:1.0.0 has not arrived at eu\/prod yet/);
    assert.deepEqual(asks(line), [about]);
    answer(line);
    assert.equal(line.where('1.0.0'), 'waiting AfterOther');
    answer(line, 'arrived');
    assert.equal(line.live('1.0.0').ticket.state.is, 'promoting');
  });

  it('asks again when something arrives there, and after a minute', () => {
    const line = waiting();
    answer(line);
    line.later(1_000).tick();
    assert.deepEqual(asks(line), []);
    line.take({ type: 'elsewhere', track: 'eu', ticket: 'another', station: 'dev' });
    assert.deepEqual(asks(line), [], 'it is another Station');
    line.take({ type: 'elsewhere', track: 'eu', ticket: 'another', station: 'prod' });
    assert.deepEqual(asks(line), [about]);
    answer(line);
    assert.equal(line.last?.wakeAt, line.now.getTime() + 60_000);
    line.later(60_000).tick();
    assert.deepEqual(asks(line), [about]);
  });

  it('stays open after an older answer', () => {
    const line = waiting();
    line.pause();
    answer(line, 'arrived');
    assert.deepEqual(answer(line), []);
    line.resume();
    ride(line, '1.0.0');
    assert.equal(line.fate('1.0.0'), 'completed');
  });
});
