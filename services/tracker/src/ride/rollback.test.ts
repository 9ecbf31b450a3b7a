import assert from 'node:assert/strict';
import { aCommit, aLineOf, missDeadline, ride, seen, turns, twoParts } from './line.fixture.js';
import { idOf, policy, repository, type TestTrack, types } from './ride.fixture.js';

const rollback = { onFailure: 'rollback' } as const;

/** The requests of the rollback on which the Ticket is. */
function requests(line: TestTrack, tag: string) {
  const { parts, kind } = line.promotion(tag);
  assert.equal(kind, 'rollback');
  return parts.map(({ request }) => request);
}

/** 1.0.0 has arrived at dev, and 1.1.0 is committed there. */
function twoTickets(change = {}): TestTrack {
  const line = aLineOf({ dev: { ...rollback, ...change } });
  line.push('1.0.0');
  ride(line, '1.0.0');
  line.later(1).push('1.1.0');
  line.commit('1.1.0', aCommit());
  return line;
}

describe('a Station that fails', () => {
  it('keeps the commit by default, and says which', () => {
    const line = aLineOf({ dev: {} });
    line.push('1.0.0');
    line.commit('1.0.0', 'c'.repeat(40));
    assert.deepEqual(types(missDeadline(line, '1.0.0')), ['failed', 'left']);
    assert.match(
      JSON.stringify(line.end('1.0.0')),
      /not arrived at dev by .*; its commit stays: cccccccc on main of https:\/\/git.test\/acme\/dev.git/,
    );
  });

  it('goes back although the Ticket has failed for its age', () => {
    const line = aLineOf({ dev: rollback });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.push('1.1.0');
    const commit = aCommit();
    line.commit('1.1.0', commit);
    line.observe(seen(line, 'dev', commit, { health: { status: 'Suspended' } }));
    line.answer('1.1.0', 'dev', commit, { relation: 'same', namesImage: true });
    assert.deepEqual(types(line.later(policy.maxAgeMs).current()), ['rollsBack', 'waits']);
    ride(line, '1.1.0');
    assert.equal(line.fate('1.1.0'), 'failed RolledBack');
  });

  it('goes back to what last arrived there, keeps the block, and then ends', () => {
    const line = twoTickets();
    line.later(1).push('1.2.0');
    const events = missDeadline(line, '1.1.0');
    assert.deepEqual(types(events).slice(0, 1), ['superseded'], 'a newer one that waits goes on instead');
    assert.equal(line.fate('1.1.0'), 'superseded GaveWay');

    const other = twoTickets();
    assert.deepEqual(types(missDeadline(other, '1.1.0')), ['rollsBack', 'waits']);
    const { state, stations } = other.live('1.1.0').ticket;
    assert.equal(state.is === 'rollingBack' && state.to, `${repository}:1.0.0`);
    assert.deepEqual(
      stations.map(({ kind, attempt }) => [kind, attempt]),
      [
        [undefined, 1],
        ['rollback', 2],
      ],
    );
    const [request, ...more] = requests(other, '1.1.0');
    assert.deepEqual(more, []);
    assert.equal(request?.promotion, `${idOf('1.1.0')}/dev/2`);
    assert.deepEqual(
      request?.applications.map(({ image, replaces }) => [image.tag, replaces]),
      [['1.0.0', `${repository}:1.1.0`]],
    );
    other.later(1).push('1.2.0');
    assert.equal(other.where('1.2.0'), 'waiting BlockHeld');
    ride(other, '1.1.0');
    assert.equal(other.fate('1.1.0'), 'failed RolledBack');
    assert.match(
      JSON.stringify(other.end('1.1.0')),
      /not arrived at dev by .*; back at docker.io\/acme\/storefront:1.0.0/,
    );
    assert.equal(other.promotion('1.2.0').station, 'dev');
  });

  it('goes back to what each Application named before where nothing has arrived', () => {
    const line = aLineOf({ dev: { ...rollback, ...twoParts } });
    line.push('1.1.0');
    line.commit('1.1.0', aCommit(), 0, 'acme/storefront:0.8.0');
    line.commit('1.1.0', aCommit(), 1, 'mirror.test/acme/storefront:0.9.0');
    missDeadline(line, '1.1.0');
    assert.deepEqual(
      requests(line, '1.1.0').map(({ applications, part, parts }) => [applications[0]?.image.tag, part, parts]),
      [
        ['0.8.0', 0, 2],
        ['0.9.0', 1, 2],
      ],
    );
    ride(line, '1.1.0');
    assert.equal(line.fate('1.1.0'), 'failed RolledBack');
  });

  it('cannot go back where it is unknown what was there, and says so', () => {
    const line = aLineOf({ dev: rollback });
    line.push('1.1.0');
    line.commit('1.1.0', aCommit());
    missDeadline(line, '1.1.0');
    assert.equal(line.fate('1.1.0'), 'failed DeadlineExceeded');
    assert.match(
      JSON.stringify(line.end('1.1.0')),
      /not rolled back: it is unknown what argocd\/dev named before; its commit stays/,
    );
  });

  it('goes back only with the parts that were committed', () => {
    const line = aLineOf({ dev: { ...rollback, ...twoParts } });
    line.push('1.1.0');
    line.commit('1.1.0', aCommit(), 1, 'acme/storefront:0.9.0');
    line.refuse('1.1.0', 'RefRefused', 'protected branch', 0);
    const [request, ...more] = requests(line, '1.1.0');
    assert.deepEqual([request?.repository, request?.part, request?.parts], ['https://git.test/acme/b.git', 0, 1]);
    assert.deepEqual(more, []);
    ride(line, '1.1.0');
    assert.match(JSON.stringify(line.end('1.1.0')), /PromotionFailed|RefRefused: .*protected branch; back at/);
  });

  it('does not go back over a person, and says so', () => {
    const line = twoTickets();
    missDeadline(line, '1.1.0');
    line.refuse('1.1.0', 'ChangedByOther', 'dev/kustomization.yaml was changed by ann');
    assert.equal(line.fate('1.1.0'), 'failed DeadlineExceeded');
    assert.match(JSON.stringify(line.end('1.1.0')), /not rolled back, because a person changed the Station: .*ann/);
  });

  it('goes back once: a rollback that fails ends the Ticket', () => {
    for (const fail of [
      (line: TestTrack) => line.refuse('1.1.0', 'RefRefused', 'protected branch'),
      (line: TestTrack) => {
        line.commit('1.1.0', aCommit());
        missDeadline(line, '1.1.0');
      },
    ]) {
      const line = twoTickets();
      missDeadline(line, '1.1.0');
      fail(line);
      assert.equal(line.fate('1.1.0'), 'failed RollbackFailed');
      assert.deepEqual(line.state.tickets, {});
    }
  });

  it('never rolls back what an operator has rolled back', () => {
    const line = aLineOf({ dev: rollback });
    for (const tag of ['1.0.0', '1.1.0']) {
      line.later(1).push(tag);
      ride(line, tag);
    }
    line.later(1).rollback('dev', '1.0.0');
    line.commit('1.0.0', aCommit());
    missDeadline(line, '1.0.0');
    assert.equal(line.fate('1.0.0'), 'failed DeadlineExceeded');
    assert.match(JSON.stringify(line.end('1.0.0')), /not rolled back: this was the rollback/);
  });

  it('does not go back to an image that has failed there after its arrival', () => {
    const line = aLineOf({ dev: { ...rollback, soakMs: 600_000 } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.later(600_000).current();
    for (const tag of ['1.1.0', '1.2.0']) {
      line.later(1).push(tag);
      ride(line, tag);
      turns(line, 'dev', 'Degraded');
      line.later(policy.degradedGraceMs).current();
      const { state } = line.live(tag).ticket;
      assert.equal(state.is === 'rollingBack' && state.to, `${repository}:1.0.0`);
      ride(line, tag);
    }
  });

  it('goes back to the digest that had arrived, if the same tag was pushed again', () => {
    const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
    const line = aLineOf({ dev: rollback });
    line.push('1.0.0', { digest: digest('a') });
    ride(line, '1.0.0');
    line.later(1).push('1.0.0', { digest: digest('b'), sequence: 2 });
    line.commit('1.0.0', aCommit());
    missDeadline(line, '1.0.0');
    assert.equal(requests(line, '1.0.0')[0]?.applications[0]?.image.digest, digest('a'));
  });

  it('keeps the block of a Station that is removed during the rollback until the promoter has answered', () => {
    const line = twoTickets();
    missDeadline(line, '1.1.0');
    line.track = { ...line.track, stations: [] };
    line.tick();
    assert.equal(line.live('1.1.0').ticket.state.is, 'rollingBack');
    line.commit('1.1.0', aCommit());
    assert.equal(line.fate('1.1.0'), 'failed DeadlineExceeded');
    assert.match(JSON.stringify(line.end('1.1.0')), /no longer have the Track storefront/);
  });

  it('says who cancelled the Ticket before it was rolled back', () => {
    const line = twoTickets();
    line.cancel('1.1.0');
    missDeadline(line, '1.1.0');
    assert.equal(line.live('1.1.0').ending, undefined, 'the rollback is still wanted');
    ride(line, '1.1.0');
    assert.equal(line.fate('1.1.0'), 'failed RolledBack');
    assert.match(JSON.stringify(line.end('1.1.0')), /alice cancelled it: not today; not arrived at dev/);
  });
});
