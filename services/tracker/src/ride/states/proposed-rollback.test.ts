import assert from 'node:assert/strict';
import { isWanted } from '../awaited.js';
import { aCommit, aLineOf, missDeadline, ride, twoParts } from '../line.fixture.js';

const write = { pullRequest: { merge: 'byPeople' as const } };
const hour = 3_600_000;

describe('a Station that goes back by a pull request', () => {
  const rollingBack = () => {
    const line = aLineOf({ dev: {}, prod: { write, onFailure: 'rollback' as const } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.commit('1.0.0', aCommit(), 0, 'docker.io/acme/storefront:0.9.0');
    missDeadline(line, '1.0.0');
    assert.equal(line.where('1.0.0'), 'rollingBack CommitRequested');
    return line;
  };

  it('waits until people merge it, past every deadline, without the arrivals of the image that failed', () => {
    const line = rollingBack();
    const { request } = line.promotion('1.0.0').parts[0] ?? {};
    assert.deepEqual([request?.write, request?.arrivals], [write, undefined]);
    line.propose('1.0.0');
    line.later(10 * hour).current();
    assert.equal(line.where('1.0.0'), 'rollingBack ProposalOpen');
    assert.match(line.message('1.0.0'), /; going back to .*:0\.9\.0: the pull request https:\S+ has been open since/);
    ride(line, '1.0.0');
    assert.equal(line.fate('1.0.0'), 'failed RolledBack');
  });

  it('gives way to a newer Ticket, which goes on in its place', () => {
    const line = rollingBack();
    line.propose('1.0.0');
    line.later(1).push('1.1.0');
    const again = ride(line, '1.1.0').flatMap((event) => (event.type === 'reissued' ? event.requests : []));
    assert.deepEqual(
      again.map(({ kind, issue }) => [kind, issue]),
      [['rollback', 1]],
    );
    assert.ok(!isWanted(line.state, line.id('1.0.0'), line.promotion('1.0.0').id, 0));
    line.refuse('1.0.0', 'Withdrawn', 'closed');
    assert.equal(line.fate('1.0.0'), 'failed DeadlineExceeded');
    assert.match(JSON.stringify(line.end('1.0.0')), /; not rolled back: Ticket \w+ \(1\.1\.0\) is newer/);
    assert.equal(line.promotion('1.1.0').station, 'prod');
  });

  it('does not give way once one of its parts is back', () => {
    const line = aLineOf({ dev: {}, prod: { write, ...twoParts, onFailure: 'rollback' as const } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    for (const part of [0, 1]) line.commit('1.0.0', aCommit(), part, 'docker.io/acme/storefront:0.9.0');
    missDeadline(line, '1.0.0');
    line.commit('1.0.0', aCommit(), 0);
    line.propose('1.0.0', 7, 1);
    line.later(1).push('1.1.0');
    ride(line, '1.1.0');
    assert.equal(line.where('1.1.0'), 'waiting BlockHeld');
    assert.ok(isWanted(line.state, line.id('1.0.0'), line.promotion('1.0.0').id, 1));
  });

  it('fails if somebody closes it', () => {
    const line = rollingBack();
    line.propose('1.0.0');
    line.refuse('1.0.0', 'ProposalClosed', 'bob closed it');
    assert.equal(line.fate('1.0.0'), 'failed RollbackFailed');
    assert.match(JSON.stringify(line.end('1.0.0')), /the rollback failed: ProposalClosed: bob closed it/);
  });

  it('ends once the Ticket is too old', () => {
    const line = rollingBack();
    line.propose('1.0.0');
    line.later(14 * 24 * hour).tick();
    assert.ok(!isWanted(line.state, line.id('1.0.0'), line.promotion('1.0.0').id, 0));
    line.refuse('1.0.0', 'Withdrawn', 'closed');
    assert.equal(line.fate('1.0.0'), 'failed DeadlineExceeded');
  });
});
