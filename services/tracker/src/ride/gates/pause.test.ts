import assert from 'node:assert/strict';
import { aCommit, aLineOf, arrive, ride } from '../line.fixture.js';
import { type TestTrack, types } from '../ride.fixture.js';

const at = (seconds: number) => new Date(Date.parse('2026-03-01T12:00:00Z') + seconds * 1_000).toISOString();

describe('a pause', () => {
  it('keeps Tickets out of every Station of the Track, with who and why, and still observes what is in flight', () => {
    const line = aLineOf({ dev: {}, prod: {} });
    line.push('1.0.0');
    const commit = aCommit();
    line.commit('1.0.0', commit);
    line.pause();
    line.later(1).push('1.1.0');
    assert.equal(line.where('1.1.0'), 'waiting Paused');
    assert.match(line.message('1.1.0'), /^alice paused the Track storefront at 2026-03-01T12:00:00.000Z: freeze$/);
    arrive(line, '1.0.0', ['dev'], commit);
    assert.equal(line.where('1.0.0'), 'waiting Paused', 'its arrival is seen');
    line.resume();
    assert.equal(line.promotion('1.0.0').station, 'prod');
    assert.equal(line.promotion('1.1.0').station, 'dev');
  });

  it('of a Station keeps Tickets out of that Station only', () => {
    const line = aLineOf({ dev: {}, prod: {} });
    line.pause('prod');
    line.push('1.0.0');
    ride(line, '1.0.0');
    assert.match(line.message('1.0.0'), /^alice paused the Station prod/);
    line.resume();
    assert.equal(line.where('1.0.0'), 'waiting Paused', 'the pause of the Station is another one');
    line.resume('prod');
    assert.equal(line.promotion('1.0.0').station, 'prod');
  });

  it('of the Track outlives the end of the pause of a Station', () => {
    const line = aLineOf({ dev: {} });
    line.pause();
    line.pause('dev');
    line.resume('dev');
    line.push('1.0.0');
    assert.match(line.message('1.0.0'), /paused the Track/);
  });

  it('withdraws no request of a Ticket that an operator lets pass: it would be requested again at once', () => {
    const line = aLineOf({ dev: {} });
    line.push('1.0.0');
    line.express('1.0.0');
    assert.deepEqual(types(line.pause()), ['paused']);
    assert.equal(line.live('1.0.0').ending, undefined);
  });

  const paused = (line: TestTrack) => line.state.pauses['']?.by !== undefined;
  const pause = (line: TestTrack, receivedAt: string, sequence: number) =>
    line.say('pause', {}, { receivedAt, sequence });
  const resume = (line: TestTrack, receivedAt: string, sequence: number) =>
    line.say('resume', {}, { receivedAt, sequence });

  it('is not renewed by a repeat that comes after the resume', () => {
    const line = aLineOf({ dev: {} });
    pause(line, at(1), 10);
    resume(line, at(2), 11);
    assert.deepEqual(pause(line, at(1), 10), []);
    assert.ok(!paused(line));
    assert.deepEqual(resume(line, at(2), 11), []);
  });

  it('follows the order of the stream, whatever the order of arrival', () => {
    const line = aLineOf({ dev: {} });
    resume(line, at(1), 12);
    pause(line, at(1), 11);
    assert.ok(!paused(line), 'of the same time the higher sequence counts');
    pause(line, at(2), 1);
    assert.ok(paused(line), 'the sequence starts again when the streams are wiped');
  });
});
