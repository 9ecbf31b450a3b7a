import assert from 'node:assert/strict';
import { aLineOf, ride } from '../line.fixture.js';

describe('the gate `approval`', () => {
  it('opens when enough people have approved; one person counts once', () => {
    const line = aLineOf({ dev: {}, prod: { gates: { approval: { count: 2 } } } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
    assert.equal(line.message('1.0.0'), 'prod needs 2 approvals');
    line.approve('1.0.0', 'prod', 'alice');
    assert.equal(line.message('1.0.0'), 'prod needs an approval; approved by alice');
    assert.deepEqual(line.approve('1.0.0', 'prod', 'alice'), []);
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
    line.approve('1.0.0', 'prod', 'bob');
    assert.equal(line.promotion('1.0.0').station, 'prod');
  });

  it('counts only the people that it names', () => {
    const line = aLineOf({ dev: { gates: { approval: { count: 1, by: ['alice', 'bob'] } } } });
    line.push('1.0.0');
    line.approve('1.0.0', 'dev', 'mallory');
    assert.equal(line.message('1.0.0'), 'dev needs an approval of alice, bob');
    line.approve('1.0.0', 'dev', 'bob');
    assert.equal(line.promotion('1.0.0').station, 'dev');
  });

  it('takes an approval that was given before the Ticket came to it, and for this Station only', () => {
    const gates = { approval: { count: 1 } };
    const line = aLineOf({ dev: {}, stage: { gates }, prod: { gates } });
    line.push('1.0.0');
    line.approve('1.0.0', 'prod');
    ride(line, '1.0.0');
    assert.match(line.message('1.0.0'), /^stage needs an approval$/);
    line.approve('1.0.0', 'stage');
    ride(line, '1.0.0');
    assert.equal(line.promotion('1.0.0').station, 'prod');
  });

  it('takes no approval of one Ticket for the next', () => {
    const line = aLineOf({ dev: { gates: { approval: { count: 1 } } } });
    line.push('1.0.0');
    line.approve('1.0.0', 'dev');
    ride(line, '1.0.0');
    line.later(1).push('1.1.0');
    assert.equal(line.where('1.1.0'), 'waiting ApprovalMissing');
  });

  it('is open where the merge of the pull request is the approval, and remembers who merged', () => {
    const write = { pullRequest: { merge: 'byPeople' as const } };
    const line = aLineOf({ dev: { write, gates: { approval: { count: 1, byMerge: true } } }, prod: {} });
    line.push('1.0.0');
    assert.equal(line.promotion('1.0.0').station, 'dev');
    line.propose('1.0.0');
    line.commit('1.0.0', 'c'.repeat(40), 0, undefined, { mergedBy: 'bob' });
    assert.deepEqual(line.live('1.0.0').approvals, { dev: ['bob'] });
  });

  it('counts no merge as an approval where people are counted', () => {
    const line = aLineOf({ dev: {}, prod: { gates: { approval: { count: 1 } } } });
    line.push('1.0.0');
    line.commit('1.0.0', 'c'.repeat(40), 0, undefined, { mergedBy: 'bob' });
    assert.equal(line.live('1.0.0').approvals, undefined);
  });
});
