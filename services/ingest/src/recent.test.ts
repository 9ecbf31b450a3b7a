import assert from 'node:assert/strict';
import { type Opening, openTickets } from './open-tickets.js';
import { RecentImages } from './recent.js';
import { tracksOf, written } from './tracks.fixture.js';

const one = `sha256:${'1'.repeat(64)}`;
const two = `sha256:${'2'.repeat(64)}`;
const start = new Date('2026-01-02T03:04:05Z');
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);

const tracks = tracksOf({ tracks: [written('web', 'acme/web')] });

function openingOf(digest?: string, tag = '1.0.0'): Opening {
  const image = { repository: 'docker.io/acme/web', tag, ...(digest && { digest }) };
  const delivery = { id: 'd', contentType: 'application/json', body: '{}', pushes: [{ image, pushedAt: start }] };
  const receipt = { sender: 'x', receivedAt: start, traceparent: '00-1-1-01' };
  return openTickets(delivery, tracks, receipt).openings[0] ?? assert.fail();
}

/** The Tickets of these pushes, in their order, as numbers: the same number is the same Ticket. */
function ticketsOf(...digests: (string | undefined)[]): number[] {
  const recent = new RecentImages();
  const ids = digests.map((digest, at) => recent.join(openingOf(digest), after(at)).named.ticket);
  return ids.map((id) => [...new Set(ids)].indexOf(id));
}

describe('a push that is announced with and without its digest', () => {
  it('is one Ticket, whichever comes first', () => {
    assert.deepEqual(ticketsOf(one, undefined, one), [0, 0, 0]);
    assert.deepEqual(ticketsOf(undefined, one, undefined), [0, 0, 0]);
  });

  it('is another Ticket if its digest is another, also than one that was learnt later', () => {
    assert.deepEqual(ticketsOf(one, two, undefined), [0, 1, 1]);
    assert.deepEqual(ticketsOf(undefined, one, two, undefined), [0, 0, 1, 1]);
  });

  it('opens the Ticket that it joins, in all of its fields, if that does not exist after all', () => {
    const recent = new RecentImages();
    const opened = recent.join(openingOf(one), start);
    assert.deepEqual(recent.join(openingOf(), after(1)), opened);
  });

  it('is one Ticket only for the same tag, and only for minutes', () => {
    const recent = new RecentImages();
    const { named } = recent.join(openingOf(one), start);
    assert.notEqual(recent.join(openingOf(undefined, '1.0.1'), after(1)).named.ticket, named.ticket);
    assert.equal(recent.join(openingOf(), after(299)).named.ticket, named.ticket);
    assert.notEqual(recent.join(openingOf(), after(700)).named.ticket, named.ticket);
  });

  it('is remembered for so many images', () => {
    const recent = new RecentImages();
    const { named } = recent.join(openingOf(one), start);
    for (let patch = 1; patch <= 1_000; patch++) recent.join(openingOf(one, `2.0.${patch}`), start);
    assert.notEqual(recent.join(openingOf(), start).named.ticket, named.ticket);
  });
});
