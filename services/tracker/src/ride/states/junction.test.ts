import assert from 'node:assert/strict';
import { ticketId } from '@k8sta/contracts';
import { aLineOf, ride } from '../line.fixture.js';
import { repository, type TestTrack, types } from '../ride.fixture.js';

const image = { repository, tag: '1.0.0' };
const [eu, us] = ['eu', 'us'].map((track) => ticketId(track, image)) as [string, string];

const atJunction = (): TestTrack => {
  const line = aLineOf({ dev: {}, world: { tracks: ['eu', 'us'] }, end: {} });
  line.push('1.0.0');
  ride(line, '1.0.0');
  return line;
};

const child = (line: TestTrack, track: string, ticket: string, is: string, more = {}) =>
  line.take({
    ...{ type: 'elsewhereKnown', ticket: line.id('1.0.0'), about: { is: 'child', track, ticket } },
    ...{ is, ...more },
  });

describe('a junction', () => {
  it('opens one Ticket on each Track, with an id that a repeat would open again', () => {
    const line = atJunction();
    const branches = line.events.find(({ type }) => type === 'branches');
    assert.deepEqual(branches?.type === 'branches' && branches.children, [
      { track: 'eu', ticket: eu },
      { track: 'us', ticket: us },
    ]);
    assert.equal(line.where('1.0.0'), 'waiting TracksRiding');
    assert.equal(line.message('1.0.0'), `waits for Ticket ${eu} on eu, Ticket ${us} on us`);
    assert.deepEqual(types(line.tick()), [], 'it opens them once');
  });

  it('is arrived at when all of them are completed, and the Ticket goes on', () => {
    const line = atJunction();
    child(line, 'eu', eu, 'completed');
    assert.equal(line.message('1.0.0'), `waits for Ticket ${us} on us`);
    child(line, 'us', us, 'completed');
    assert.equal(line.promotion('1.0.0').station, 'end');
    ride(line, '1.0.0');
    assert.equal(line.fate('1.0.0'), 'completed');
  });

  for (const [is, said] of [
    ['failed', `Ticket ${us} on us failed: prod is on fire`],
    ['cancelled', `Ticket ${us} on us was cancelled: prod is on fire`],
  ] as const) {
    it(`fails its Ticket when one of them is ${is}`, () => {
      const line = atJunction();
      child(line, 'us', us, is, { message: 'prod is on fire' });
      assert.equal(line.fate('1.0.0'), 'failed ChildFailed');
      assert.match(JSON.stringify(line.end('1.0.0')), new RegExp(said));
    });
  }

  it('follows the successor of one that was superseded', () => {
    const line = atJunction();
    child(line, 'us', us, 'superseded', { by: 'newer' });
    assert.match(line.message('1.0.0'), /Ticket newer on us$/);
    assert.deepEqual(child(line, 'us', us, 'failed'), [], 'an older answer about the one before');
    child(line, 'us', 'newer', 'completed');
    child(line, 'eu', eu, 'completed');
    assert.equal(line.promotion('1.0.0').station, 'end');
  });

  it('asks about them when something happens there, and after a minute', () => {
    const line = atJunction();
    const asks = () => line.last?.elsewhere.map(({ about }) => about.track);
    assert.deepEqual(asks(), ['eu', 'us']);
    for (const [track, ticket] of [
      ['eu', eu],
      ['us', us],
    ] as const)
      line.take({ type: 'elsewhereKnown', ticket: line.id('1.0.0'), about: { is: 'child', track, ticket } });
    assert.deepEqual(asks(), []);
    line.take({ type: 'elsewhere', track: 'us', ticket: us });
    assert.deepEqual(asks(), ['us']);
    line.later(60_000).tick();
    assert.deepEqual(asks(), ['eu', 'us']);
  });

  it('lets a newer Ticket in while an older one waits for its Tickets, and the older one does not go on after it', () => {
    const line = atJunction();
    line.later(1).push('1.1.0');
    ride(line, '1.1.0');
    assert.equal(line.where('1.1.0'), 'waiting TracksRiding');
    assert.equal(line.where('1.0.0'), 'waiting TracksRiding');
    const newer = { repository, tag: '1.1.0' };
    for (const track of ['eu', 'us']) {
      const about = { is: 'child', track, ticket: ticketId(track, newer) } as const;
      line.take({ type: 'elsewhereKnown', ticket: line.id('1.1.0'), about, is: 'completed' });
    }
    assert.equal(line.promotion('1.1.0').station, 'end');
    child(line, 'eu', eu, 'completed');
    child(line, 'us', us, 'completed');
    assert.equal(line.fate('1.0.0'), 'superseded NewerTicket');
  });

  it('opens the Tickets of a further attempt under ids of their own', () => {
    const line = aLineOf({ world: { tracks: ['eu'] } });
    line.push('1.0.0', { attempt: 2 });
    const branches = line.events.find(({ type }) => type === 'branches');
    assert.deepEqual(branches?.type === 'branches' && branches.children.map(({ ticket }) => ticket), [
      ticketId('eu', image, 2),
    ]);
  });
});
