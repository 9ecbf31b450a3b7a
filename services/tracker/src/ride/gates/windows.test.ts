import assert from 'node:assert/strict';
import type { Window } from '@k8sta/tracks';
import { aLineOf } from '../line.fixture.js';

const hours = 3_600_000;
const window = (kind: 'allow' | 'deny', schedule: string, durationMs: number, timeZone = 'UTC'): Window => ({
  ...{ kind, schedule, durationMs, timeZone },
});

/** It is Sunday, 1 March 2026, 12:00 UTC. */
const closed = (...windows: Window[]) => {
  const line = aLineOf({ dev: { gates: { windows } } });
  line.push('1.0.0');
  return line;
};

describe('the gate `windows`', () => {
  it('keeps Tickets out outside an allow window, says when it opens next, and opens then', () => {
    const line = closed(window('allow', '0 8 * * 1-5', 8 * hours, 'Europe/Berlin'));
    assert.equal(line.where('1.0.0'), 'waiting WindowClosed');
    const opens = '2026-03-02T07:00:00.000Z';
    assert.equal(line.message('1.0.0'), `the windows of dev are closed; the next opening is ${opens}`);
    assert.equal(line.live('1.0.0').ticket.state['until'], opens);
    assert.equal(line.last?.wakeAt, Date.parse(opens));
    line.later(Date.parse(opens) - line.now.getTime() - 1).tick();
    assert.equal(line.where('1.0.0'), 'waiting WindowClosed');
    line.later(1).tick();
    assert.equal(line.live('1.0.0').ticket.state.is, 'promoting');
  });

  it('keeps Tickets out during a deny window, which wins over an allow window', () => {
    const line = closed(window('allow', '0 0 * * *', 24 * hours), window('deny', '0 11 * * *', 3 * hours));
    assert.equal(line.live('1.0.0').ticket.state['until'], '2026-03-01T14:00:00.000Z');
  });

  it('looks beyond the end of a deny window for an allow window', () => {
    const line = closed(window('allow', '0 20 * * *', hours), window('deny', '0 11 * * *', 3 * hours));
    assert.equal(line.live('1.0.0').ticket.state['until'], '2026-03-01T20:00:00.000Z');
  });

  it('closes again at the end of an allow window', () => {
    const line = aLineOf({ dev: { gates: { windows: [window('allow', '0 11 * * *', 3 * hours)] } } });
    line.push('1.0.0');
    assert.equal(line.live('1.0.0').ticket.state.is, 'promoting');
    line.later(2 * hours).push('1.1.0');
    assert.equal(line.where('1.1.0'), 'waiting WindowClosed');
    assert.equal(line.live('1.1.0').ticket.state['until'], '2026-03-02T11:00:00.000Z');
  });

  it('does not keep Tickets out where only closed deny windows are stated', () => {
    const line = closed(window('deny', '0 20 * * *', hours));
    assert.equal(line.live('1.0.0').ticket.state.is, 'promoting');
  });

  it('says that no opening is known if the windows never leave a moment', () => {
    const line = closed(window('allow', '0 8 * * *', hours), window('deny', '0 0 * * *', 24 * hours));
    assert.equal(line.where('1.0.0'), 'waiting WindowClosed');
    assert.equal(line.message('1.0.0'), 'the windows of dev are closed; no opening is known');
    assert.equal(line.live('1.0.0').ticket.state['until'], undefined);
    assert.equal(line.last?.wakeAt, line.now.getTime() + hours, 'it may be further ahead than the gate looks');
  });
});
