import assert from 'node:assert/strict';
import type { Ticket, TicketState } from '@k8sta/contracts';
import { type Repeat, repeatOf } from './repeat.js';

const since = '2026-01-02T03:00:00.000Z';
const before = new Date('2026-01-02T02:59:59Z');
const after = new Date('2026-01-02T03:00:01Z');

function judged(state: TicketState, pushedAt: Date): Repeat | undefined {
  const head = { id: 't', track: 'web', image: { repository: 'docker.io/acme/web', tag: '1.0.0' } };
  const ticket: Ticket = {
    ...head,
    sender: 'x',
    pushedAt: since,
    sequence: 1,
    receivedAt: since,
    openedAt: since,
    state,
    stations: [],
  };
  return repeatOf(ticket, pushedAt);
}

describe('repeatOf', () => {
  it('says where an open Ticket is', () => {
    const waiting = {
      is: 'waiting',
      next: 'dev',
      on: 'block',
      reason: 'BlockHeld',
      message: 'Ticket x holds dev',
      since,
    } as const;
    assert.deepEqual(judged(waiting, after), {
      state: 'waiting',
      station: 'dev',
      reason: 'BlockHeld',
      message: 'Ticket x holds dev',
      since,
    });
  });

  it('repeats a completed Ticket for any later push', () => {
    assert.deepEqual(judged({ is: 'completed', since }, after), { state: 'completed', since });
  });

  it('repeats a failed or superseded Ticket only if the push is older than its end', () => {
    const message = 'x'.repeat(900);
    const failed = { is: 'failed', station: 'prod', reason: 'Degraded', message, since } as const;
    const repeat = judged(failed, before);
    assert.deepEqual(repeat, { state: 'failed', station: 'prod', reason: 'Degraded', message: repeat?.message, since });
    assert.equal(repeat?.message?.length, 200);
    assert.equal(judged(failed, after), undefined);
    const superseded = { is: 'superseded', by: 'u', reason: 'NewerTicket', message: 'by a newer one', since } as const;
    assert.equal(judged(superseded, before)?.state, 'superseded');
    assert.equal(judged(superseded, after), undefined);
  });
});
