import assert from 'node:assert/strict';
import type { AnyUnwrapped } from '@k8sta/bus';
import { type Announced, endingOf } from './ending.js';

const completes: Announced = { ends: 'completed' };
const fails: Announced = { ends: 'failed', message: /Degraded/ };
const waits: Announced = { ends: 'waiting', message: /auto-sync is off/ };

function after(type: AnyUnwrapped['type'], message: string, announced: Announced) {
  return endingOf({ type, data: { message } } as AnyUnwrapped, announced);
}

describe('the ending of a ride', () => {
  for (const [type, message, announced, is, isAnnounced] of [
    ['ticket.completed', '', completes, 'completed', true],
    ['ticket.completed', '', fails, 'completed', false],
    ['ticket.completed', '', waits, 'completed', false],
    ['ticket.failed', 'dev: Degraded', fails, 'failed', true],
    ['ticket.failed', 'dev: sync Failed', fails, 'failed', false],
    ['ticket.failed', 'dev: Degraded', completes, 'failed', false],
    ['ticket.syncing', 'dev: auto-sync is off', waits, 'waits for a person', true],
  ] as const) {
    it(`${is} is ${isAnnounced ? 'as announced' : 'unexpected'} after ${type} "${message}" where the scenario ends ${announced.ends}`, () => {
      assert.deepEqual(after(type, message, announced), { is, message, isAnnounced });
    });
  }

  it('does not come with an event after which the Ticket goes on', () => {
    assert.equal(after('ticket.syncing', 'dev: syncing', waits), undefined);
    assert.equal(after('ticket.syncing', 'dev: auto-sync is off', completes), undefined);
    assert.equal(after('ticket.arrived', '', completes), undefined);
  });
});
