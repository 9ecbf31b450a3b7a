import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { definitionOf } from '@k8sta/contracts';
import { anApplication, aTrack, sha, TestTrack } from '../ride/ride.fixture.js';
import { readDocument } from './document.js';

/** What the last version without gates, words and rollbacks saved when a Ticket was superseded. */
const captured = readFileSync(new URL('document-before-gates.json', import.meta.url), 'utf8');

describe('a document of the version before gates', () => {
  it('is read, and its superseded Ticket has a reason', () => {
    const { outbox } = readDocument(captured, 'the test');
    assert.deepEqual(
      outbox.tickets.map(({ state }) => [state.is, 'reason' in state && state.reason]),
      [
        ['waiting', 'BlockHeld'],
        ['superseded', 'NewerTicket'],
      ],
    );
  });

  it('is published, should the tracker have died before it did so', () => {
    for (const { type, data } of readDocument(captured, 'the test').outbox.events) {
      assert.equal(definitionOf(type)?.schema.safeParse(data).error, undefined, type);
    }
  });

  it('lets its Tickets ride on', () => {
    const ride = new TestTrack(aTrack({ dev: ['dev'], prod: ['prod'] }));
    ride.state = readDocument(captured, 'the test').state;
    ride.later(10_000).current();
    assert.equal(ride.live('1.0.0').ticket.state.is, 'syncing');
    ride.observe(
      anApplication('dev', sha('a'), {
        resourceVersion: '1000',
        reconciledAt: '2026-03-01T12:00:20Z',
        operation: { phase: 'Succeeded', finishedAt: '2026-03-01T12:00:19Z', revisions: [sha('a')] },
      }),
    );
    ride.later(20_000).current();
    const events = ride.answer('1.0.0', 'dev', sha('a'), { relation: 'same', namesImage: true });
    assert.ok(events.some(({ type }) => type === 'arrived'));
    assert.deepEqual(
      ['1.0.0', '1.2.0'].map((tag) => {
        const { state } = ride.live(tag).ticket;
        return [state.is, 'station' in state && state.station];
      }),
      [
        ['promoting', 'prod'],
        ['promoting', 'dev'],
      ],
    );
  });
});
