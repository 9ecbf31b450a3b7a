import assert from 'node:assert/strict';
import type { Station } from '@k8sta/tracks';
import { aCommit, aLineOf, ride, seen } from '../line.fixture.js';
import { policy, type TestTrack, types } from '../ride.fixture.js';

const commit = 'd'.repeat(40);
const changedBy = { commit, author: 'Ann <ann@acme.test>', ours: false };
const reverted = { relation: 'contains', namesImage: false, named: 'acme/storefront:1.0.0', changedBy } as const;

/** 1.1.0 has arrived at dev, then a person went back to 1.0.0 in Git. */
function aRevert(change: Partial<Station> = {}): TestTrack {
  const line = aLineOf({ dev: change });
  for (const tag of ['1.0.0', '1.1.0']) {
    line.later(1).push(tag);
    ride(line, tag);
  }
  line.standing = reverted;
  line.later(60_000).current();
  return line;
}

describe('a Station that a person took back in Git', () => {
  it('holds the next Ticket, and names commit and author', () => {
    const line = aRevert();
    line.push('1.2.0');
    assert.equal(line.where('1.2.0'), 'waiting HeldByPerson');
    assert.equal(
      line.message('1.2.0'),
      'dev is held: argocd/dev names acme/storefront:1.0.0 instead of 1.1.0: Ann <ann@acme.test> changed it in dddddddd; `k8sta resume` lets Tickets go on',
    );
    assert.equal(line.last?.wakeAt, line.now.getTime() + policy.refreshAtMostEveryMs);
  });

  it('lets Tickets go on after an operator has resumed it, and those behind them', () => {
    const line = aRevert();
    line.push('1.2.0');
    assert.ok(types(line.resume('dev')).includes('promotes'));
    line.standing = { relation: 'contains', namesImage: true };
    ride(line, '1.2.0');
    line.later(60_000).current();
    line.push('1.3.0');
    assert.equal(line.live('1.3.0').ticket.state.is, 'promoting');
  });

  it('is resumed with the whole Track too, and only where a person changed it', () => {
    const line = aRevert();
    line.push('1.2.0');
    line.resume();
    assert.equal(line.live('1.2.0').ticket.state.is, 'promoting');

    const well = aLineOf({ dev: {} });
    well.push('1.1.0');
    ride(well, '1.1.0');
    well.later(1).pause();
    well.resume();
    well.push('1.0.0');
    assert.equal(well.fate('1.0.0'), 'superseded NewerTicket', 'the lane has forgotten nothing');
  });

  it('is resumed for the lane that the person changed, and not for another', () => {
    const images = ['docker.io/acme/storefront', 'docker.io/acme/api'].map((repository) => ({
      ...{ repository, tags: { is: 'strictSemver' } as const },
    }));
    const line = aLineOf({ dev: {} }, { images });
    line.push('2.0.0', { image: 'docker.io/acme/api' });
    ride(line, '2.0.0');
    line.later(60_000).push('1.1.0');
    ride(line, '1.1.0');
    line.later(60_000).current();
    line.standing = reverted;
    line.push('1.2.0');
    line.resume('dev');
    line.standing = { relation: 'contains', namesImage: true };
    ride(line, '1.2.0');
    line.push('1.9.0', { image: 'docker.io/acme/api' });
    assert.equal(line.fate('1.9.0'), 'superseded NewerTicket');
  });

  it('lets Tickets go on once the person has restored what was there', () => {
    const line = aRevert();
    line.push('1.2.0');
    line.standing = { relation: 'contains', namesImage: true };
    line.later(policy.refreshAtMostEveryMs).current();
    assert.equal(line.live('1.2.0').ticket.state.is, 'promoting');
  });

  it('holds a lower version that is higher than what the person went back to', () => {
    const line = aRevert();
    line.push('1.0.9');
    assert.equal(line.where('1.0.9'), 'waiting HeldByPerson');
    line.resume('dev');
    assert.equal(line.live('1.0.9').ticket.state.is, 'promoting');
  });

  it('with `afterRevert: goOn` keeps out only what is lower than the image of the person', () => {
    const line = aRevert({ afterRevert: 'goOn' });
    line.push('0.9.0');
    assert.equal(line.fate('0.9.0'), 'superseded LowerVersion');
    assert.match(JSON.stringify(line.end('0.9.0')), /dev has acme\/storefront:1.0.0/);
    line.later(1).push('1.0.9');
    assert.equal(line.live('1.0.9').ticket.state.is, 'promoting');
  });

  it('with `afterRevert: goOn` is not asked about on a Track that compares pushes', () => {
    const line = aLineOf({ dev: { afterRevert: 'goOn' } }, { order: 'push' });
    line.push('1.1.0');
    ride(line, '1.1.0');
    line.standing = undefined;
    line.later(60_000).push('1.0.0');
    assert.equal(line.live('1.0.0').ticket.state.is, 'promoting');
  });

  it('is held for a rollback of an operator too', () => {
    const line = aRevert();
    line.rollback('dev', '1.0.0');
    assert.equal(line.where('1.0.0'), 'waiting HeldByPerson');
  });
});

describe('a Station whose image changed', () => {
  it('is not held for a commit of K8sTA itself', () => {
    const line = aRevert();
    line.standing = { ...reverted, changedBy: { ...changedBy, ours: true } };
    line.push('1.2.0');
    assert.equal(line.live('1.2.0').ticket.state.is, 'promoting');
  });

  it('is not held if nothing had arrived', () => {
    const line = aLineOf({ dev: {} });
    line.push('1.1.0');
    line.commit('1.1.0', aCommit());
    line.cancel('1.1.0');
    line.standing = reverted;
    line.push('1.2.0');
    assert.equal(line.promotion('1.2.0').station, 'dev');
  });

  it('waits while the promoter cannot tell, asks again, and says so', () => {
    const line = aRevert();
    line.standing = { relation: 'unknown', message: 'the Git server answered 503' };
    line.push('1.2.0');
    assert.equal(line.where('1.2.0'), 'waiting RelationUnknown');
    assert.match(line.message('1.2.0'), /cannot tell whether somebody changed it: the Git server answered 503/);
    assert.equal(line.last?.wakeAt, line.now.getTime() + policy.askAgainMs);
    line.standing = { relation: 'contains', namesImage: true };
    line.later(policy.askAgainMs).tick();
    assert.equal(line.live('1.2.0').ticket.state.is, 'promoting');
  });

  it('is asked about again if the answer is lost', () => {
    const line = aRevert();
    line.standing = undefined;
    line.push('1.2.0');
    assert.equal(line.live('1.2.0').ticket.state.is, 'waiting');
    assert.equal(line.last?.wakeAt, line.now.getTime() + policy.askAgainMs);
    line.later(policy.askAgainMs).tick();
    assert.deepEqual(
      line.last?.questions.map(({ about }) => about.type),
      ['standing'],
    );
  });

  it('is not judged by an answer about a commit that another has replaced', () => {
    const line = aRevert();
    line.standing = undefined;
    line.push('1.2.0');
    const [question] = line.last?.questions ?? [];
    assert.equal(question?.about.type, 'standing');
    const relation = (answer: object) => ({ revision: commit, answer, askedAt: line.now.toISOString() }) as never;
    const asked = question?.about as Extract<typeof question, object>['about'] & { type: 'standing' };
    line.take({ ...asked, relation: relation({ relation: 'contains', namesImage: true }) });
    ride(line, '1.2.0');
    line.take({ ...asked, relation: relation(reverted) });
    line.standing = { relation: 'contains', namesImage: true };
    line.later(1).push('1.3.0');
    assert.equal(line.live('1.3.0').ticket.state.is, 'promoting');
  });
});

describe('a person who changes a Station in the middle of a ride', () => {
  for (const [what, end] of [
    ['before the arrival', (line: TestTrack, revision: string) => line.observe(seen(line, 'dev', revision))],
    [
      'after the arrival',
      (line: TestTrack, revision: string) => {
        line.observe(seen(line, 'dev', 'c'.repeat(40)));
        line.answer('1.0.0', 'dev', 'c'.repeat(40), { relation: 'same', namesImage: true });
        assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
        line.observe(seen(line, 'dev', revision));
      },
    ],
  ] as const) {
    it(`${what} ends the Ticket; nothing is committed again`, () => {
      const line = aLineOf({ dev: { onFailure: 'rollback' }, prod: { gates: { approval: { count: 1 } } } });
      line.push('1.0.0');
      line.commit('1.0.0', 'c'.repeat(40));
      const revision = aCommit();
      end(line, revision);
      line.answer('1.0.0', 'dev', revision, { ...reverted, named: 'acme/storefront:0.9.0' });
      assert.equal(line.reason('1.0.0'), 'ChangedByOther', 'it may be undone');
      assert.equal(line.last?.wakeAt, line.now.getTime() + 15_000);
      line.later(15_000).current();
      assert.equal(line.fate('1.0.0'), 'failed ChangedByOther');
      assert.ok(!types(line.events).includes('rollsBack'));
    });
  }
});
