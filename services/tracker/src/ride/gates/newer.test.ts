import assert from 'node:assert/strict';
import { aLineOf, old, ride, seen, turns } from '../line.fixture.js';
import { idOf, repository, started, type TestTrack, types } from '../ride.fixture.js';

/** The Station is held before its only Application can be committed: every Ticket waits for an approval. */
const approval = { gates: { approval: { count: 1 } } };

const endOf = (line: TestTrack, tag: string) => {
  const ended = line.end(tag);
  return [line.fate(tag), ended.type === 'superseded' ? ended.by : undefined];
};

describe('a Ticket on a Track that compares versions', () => {
  it('is superseded by a higher version that waits for the same Station, however late the lower one is pushed', () => {
    const line = aLineOf({ dev: approval });
    line.push('1.3.0');
    line.later(60_000).push('1.2.0');
    assert.deepEqual(endOf(line, '1.2.0'), ['superseded NewerTicket', idOf('1.3.0')]);
    assert.equal(line.where('1.3.0'), 'waiting ApprovalMissing');
  });

  it('supersedes a lower version that waits, although its own push is older', () => {
    const line = aLineOf({ dev: approval });
    line.later(290_000).push('1.9.0');
    line.push('1.10.0', { pushedAt: started });
    assert.deepEqual(endOf(line, '1.9.0'), ['superseded NewerTicket', idOf('1.10.0')]);
    assert.equal(line.where('1.10.0'), 'waiting ApprovalMissing');
  });

  it('is superseded if a higher version has entered the Station, after that one has completed too', () => {
    const line = aLineOf({ dev: {} });
    line.push('1.4.0-rc.10');
    line.push('1.4.0-rc.9');
    assert.deepEqual(endOf(line, '1.4.0-rc.9'), ['superseded NewerTicket', idOf('1.4.0-rc.10')]);
    ride(line, '1.4.0-rc.10');
    line.later(1).push('1.3.9');
    assert.deepEqual(endOf(line, '1.3.9'), ['superseded NewerTicket', idOf('1.4.0-rc.10')]);
  });

  it('is superseded if a higher version runs that K8sTA has not brought there', () => {
    const line = aLineOf({ dev: {} });
    line.observe(seen(line, 'dev', old, { images: [`${repository}:1.4.0`, 'docker.io/library/redis:8.0.0'] }));
    const events = line.push('1.3.9');
    assert.deepEqual(types(events), ['opened', 'superseded', 'left']);
    assert.equal(line.fate('1.3.9'), 'superseded LowerVersion');
    assert.match(
      JSON.stringify(line.end('1.3.9')),
      /dev has docker.io\/acme\/storefront:1.4.0, which is a higher version than 1.3.9/,
    );
    line.push('1.4.0');
    assert.equal(line.live('1.4.0').ticket.state.is, 'promoting', 'the same version is not lower');
  });

  it('rides after an operator has gone back from a higher version, while old pods still run it too', () => {
    const line = aLineOf({ dev: {} });
    line.push('1.1.0');
    ride(line, '1.1.0');
    line.later(1).push('1.3.0');
    ride(line, '1.3.0');
    line.later(1).rollback('dev', '1.1.0');
    line.later(1).push('1.2.9');
    assert.equal(line.where('1.2.9'), 'waiting BlockHeld', 'what the Station names changes now');
    ride(line, '1.1.0');
    assert.equal(line.live('1.2.9').ticket.state.is, 'promoting');
    line.later(1).push('1.0.9');
    assert.equal(line.fate('1.0.9'), 'superseded NewerTicket');
  });

  it('is compared with what the rollback brought back, not with the pods that are still stopping', () => {
    const line = aLineOf({ dev: {} });
    for (const tag of ['1.1.0', '1.3.0']) {
      line.later(1).push(tag);
      ride(line, tag);
    }
    line.later(1).rollback('dev', '1.1.0');
    ride(line, '1.1.0');
    turns(line, 'dev', 'Healthy', { images: [`${repository}:1.1.0`, `${repository}:1.3.0`] });
    line.later(1).push('1.2.9');
    assert.equal(line.live('1.2.9').ticket.state.is, 'promoting');
  });

  it('may be brought to a lower version by an operator', () => {
    const line = aLineOf({ dev: {}, prod: {} });
    line.push('1.3.0');
    ride(line, '1.3.0');
    ride(line, '1.3.0');
    line.later(1).promote('1.1.0');
    assert.equal(line.promotion('1.1.0').station, 'dev');
    ride(line, '1.1.0');
    assert.equal(line.promotion('1.1.0').station, 'prod');
  });
});

describe('a Ticket on a Track that compares pushes', () => {
  const push = { order: 'push' } as const;

  it('rides with a lower version, because it was pushed later', () => {
    const line = aLineOf({ dev: {} }, push);
    line.push('1.4.0');
    ride(line, '1.4.0');
    line.later(1).push('1.3.9');
    assert.equal(line.live('1.3.9').ticket.state.is, 'promoting');
  });

  it('is superseded at once if the lane has seen a later push', () => {
    const line = aLineOf({ dev: {} }, push);
    line.push('main-b');
    line.push('main-a', { pushedAt: new Date(started.getTime() - 1) });
    assert.deepEqual(endOf(line, 'main-a'), ['superseded NewerTicket', idOf('main-b')]);
  });
});

describe('a Ticket that waits behind a gate at a Station', () => {
  it('is superseded when a newer one arrives there, not before, and says meanwhile that it was replaced', () => {
    const line = aLineOf({ dev: {}, prod: approval });
    line.push('1.0.0');
    ride(line, '1.0.0');
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
    line.later(1).push('1.1.0');
    assert.equal(line.promotion('1.1.0').station, 'dev', 'a Ticket behind a gate holds no block');
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
    line.commit('1.1.0', 'b'.repeat(40));
    assert.equal(line.where('1.0.0'), 'waiting ReplacedHere');
    line.approve('1.0.0', 'prod');
    assert.equal(line.where('1.0.0'), 'waiting ReplacedHere', 'it does not leave with an image that no longer runs');
    line.cancel('1.1.0');
    line.observe(seen(line, 'dev', 'b'.repeat(40)));
    line.answer('1.1.0', 'dev', 'b'.repeat(40), { relation: 'same', namesImage: true });
    assert.equal(line.fate('1.0.0'), 'superseded NewerTicket');
    assert.equal(line.fate('1.1.0'), 'cancelled');
  });

  it('is superseded when the newer one arrives, although that one soaks', () => {
    const line = aLineOf({ dev: { soakMs: 600_000 }, prod: approval });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.later(600_000).current();
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
    line.push('1.1.0');
    ride(line, '1.1.0');
    assert.deepEqual(endOf(line, '1.0.0'), ['superseded NewerTicket', idOf('1.1.0')]);
    assert.equal(line.where('1.1.0'), 'waiting Soaking');
  });
});
