import assert from 'node:assert/strict';
import type { Proposal } from '../forge/forge.js';
import type { Landed, Nothing, Ready } from '../part.js';
import type { Facts } from './facts.js';
import { next } from './next.js';

const sha = (digit: number) => `${digit}`.repeat(40);
const [tip, ourCommit, oldTip, theirs] = [1, 2, 3, 4].map(sha) as [string, string, string, string];
const branch = 'refs/heads/main';
const plan: Ready = { is: 'ready', branch, tip, applications: [], replaces: [] };
const ours = { is: 'ours', commit: ourCommit, base: tip } as const;
const others = { is: 'others', commit: theirs, author: 'Pat' } as const;
const wanted = { wanted: true };
const unwanted = { wanted: false, message: 'superseded by 1.4.3' };
const now = new Date('2026-01-01T10:00:00.000Z');

const proposal: Proposal = {
  ...{ number: 7, url: 'https://forge.test/7', state: 'open', head: 'k8sta/x', commit: ourCommit, base: 'main' },
  ...{ isDraft: false, mergeable: 'yes', missing: '' },
};

interface Change extends Omit<Partial<Facts>, 'look' | 'proposal' | 'wish'> {
  readonly head?: Facts['look']['head'];
  readonly plan?: Facts['look']['plan'];
  readonly proposal?: Partial<Proposal> | undefined;
  readonly wish?: Partial<Facts['wish']>;
}

/** Facts of an open, published and wanted pull request with our commit. */
function facts({ head = ours, plan: planned = plan, wish, ...change }: Change = {}): Facts {
  const isThere = !('proposal' in change) || change.proposal !== undefined;
  return {
    notAfter: new Date(now.getTime() + 1_000),
    now,
    ...{ isOfEarlierIssue: false, isPublished: true, isStarted: true, isDropRefused: false, wanted },
    ...change,
    wish: { merge: 'byPeople', ...wish },
    look: { branch: { name: branch, tip }, plan: planned, head },
    proposal: isThere ? { ...proposal, ...change.proposal } : undefined,
  };
}

const does = (change?: Change) => {
  const action = next(facts(change));
  switch (action.do) {
    case 'wait':
      return `wait${action.soon ? ' a moment' : ''}: ${action.message}`;
    case 'answer':
      return `answer ${action.answer.is === 'refused' ? `${action.answer.reason}: ${action.answer.message}` : action.answer.is}`;
    case 'close':
      return `close ${action.number}: ${action.because}`;
    case 'push':
      return `push over ${action.replaces ?? 'nothing'}`;
    default:
      return action.do;
  }
};

describe('the next step of a pull request', () => {
  const none = { proposal: undefined };
  const head = { is: 'none' } as const;

  it('asks the tracker, publishes the base, pushes, opens, and publishes the request, in this order', () => {
    assert.equal(does({ ...none, head, isStarted: false, wanted: undefined }), 'askTracker');
    assert.equal(does({ ...none, head, isStarted: false }), 'start');
    assert.equal(does({ ...none, head }), 'push over nothing');
    assert.equal(does(none), 'open');
    assert.equal(does({ isPublished: false }), 'publish');
    assert.equal(does(), 'wait: pull request #7 waits for people to merge it');
  });

  it('opens none after the deadline, and deletes the branch', () => {
    const late = { ...none, now: new Date(now.getTime() + 2_000) };
    assert.equal(does(late), 'drop');
    const gone = /^answer Withdrawn: the pull request was not opened before 2026-01-01T10:00:01.000Z$/;
    assert.match(does({ ...late, head }), gone);
    assert.equal(does({ now: late.now }), 'wait: pull request #7 waits for people to merge it');
  });

  it('leaves a branch alone that has commits of others', () => {
    assert.match(does({ ...none, head: others }), /^wait: .*commit of Pat, 4{40}; delete the branch/);
    assert.match(
      does({ head: others, wish: { merge: 'auto' } }),
      /^wait: .*people to merge it: Pat has committed to it/,
    );
    const conflict = { mergeable: 'conflict' } as const;
    assert.match(does({ head: others, proposal: conflict }), /^wait: /);
    assert.match(does({ head: others, proposal: { state: 'closed' } }), /^answer ProposalClosed/);
  });

  it('pushes a branch again that somebody deleted while the request is open', () => {
    assert.equal(does({ head }), 'push over nothing');
  });

  for (const mergeable of ['conflict', 'behind'] as const) {
    it(`applies our commit again when the forge says ${mergeable}, once for each tip`, () => {
      const old = { ...ours, base: oldTip };
      for (const merge of ['byPeople', 'auto'] as const) {
        assert.equal(does({ head: old, proposal: { mergeable }, wish: { merge } }), `push over ${ourCommit}`);
        assert.match(does({ proposal: { mergeable }, wish: { merge } }), /^wait a moment: .*the forge to find out/);
      }
    });
  }

  it('waits a moment for a forge that has not seen our last commit', () => {
    const stale = { proposal: { commit: theirs }, wish: { merge: 'auto' } } as const;
    assert.match(does(stale), /^wait a moment: .* the forge to see our last commit/);
  });

  it('merges by itself where it is asked to and the forge permits it', () => {
    const wish = { merge: 'auto' } as const;
    assert.equal(does({ wish }), 'merge');
    assert.match(does({ wish, proposal: { mergeable: 'unknown' } }), /^wait a moment/);
    const missing = '1 approving review';
    assert.equal(
      does({ wish, proposal: { mergeable: 'blocked', missing } }),
      'wait: pull request #7 waits for 1 approving review',
    );
    assert.match(does({ wish, proposal: { isDraft: true } }), /^wait: .*draft/);
    assert.match(does({ proposal: { mergeable: 'blocked', missing } }), /people to merge it: 1 approving review$/);
  });

  it('merges when every check has passed, and at least one', () => {
    const wish = { merge: 'whenChecksPass' } as const;
    assert.equal(does({ wish }), 'askForChecks');
    assert.equal(does({ wish, checks: { state: 'passed', names: [] } }), 'merge');
    assert.match(does({ wish, checks: { state: 'none', names: [] } }), /^wait: .*none was reported/);
    assert.match(does({ wish, checks: { state: 'pending', names: ['lint', 'test'] } }), /its checks: lint, test$/);
    assert.match(does({ wish, checks: { state: 'failed', names: ['test'] } }), /failed: test$/);
  });

  describe('at the end', () => {
    const landed: Landed = { is: 'landed', branch, commit: ourCommit, applications: [] };
    const nothing: Nothing = { is: 'nothing', branch, tip, applications: [] };
    const refused = { is: 'refused', reason: 'ChangedByOther', message: 'Pat changed it' } as const;

    it('deletes the branch and answers, once it is merged', () => {
      const merged: Change = { plan: landed, proposal: { state: 'merged' } };
      assert.equal(does(merged), 'drop');
      assert.equal(does({ ...merged, head }), 'answer landed');
      assert.equal(does({ ...merged, head: others }), 'answer landed');
      assert.equal(does({ ...merged, isDropRefused: true }), 'answer landed');
    });

    it('closes an open request when the target names the image already', () => {
      assert.match(does({ plan: nothing }), /^close 7: The target branch names the image already/);
      assert.equal(does({ plan: nothing, ...none }), 'drop');
      assert.equal(does({ plan: nothing, ...none, head }), 'answer nothing');
    });

    it('waits a moment for a merge that the branch does not show yet, unless it is not wanted any more', () => {
      const lagging = { plan: { is: 'missing' }, proposal: { state: 'merged' } } as const;
      assert.match(does(lagging), /^wait a moment: pull request #7 is merged/);
      assert.equal(does({ ...lagging, head, wanted: unwanted }), 'answer Withdrawn: superseded by 1.4.3');
    });

    it('closes with the refusal, or with what the tracker says', () => {
      assert.equal(does({ plan: refused, wanted: undefined }), 'askTracker');
      assert.equal(does({ plan: refused }), 'close 7: Pat changed it');
      assert.equal(does({ plan: refused, wanted: unwanted }), 'close 7: superseded by 1.4.3');
      assert.equal(does({ plan: refused, ...none, head }), 'answer ChangedByOther: Pat changed it');
    });

    it('closes and withdraws what the tracker does not want any more, however it was closed before', () => {
      assert.equal(does({ wanted: unwanted }), 'close 7: superseded by 1.4.3');
      const closed = { wanted: unwanted, proposal: { state: 'closed' } } as const;
      assert.equal(does(closed), 'drop');
      assert.equal(does({ ...closed, head }), 'answer Withdrawn: superseded by 1.4.3');
      assert.equal(does({ ...none, wanted: unwanted, head }), 'answer Withdrawn: superseded by 1.4.3');
    });

    it('names who closed it, and opens another one only for a later issue', () => {
      const closed = { proposal: { state: 'closed', closed: { by: 'pat' } } } as const;
      assert.equal(does(closed), 'drop');
      assert.equal(
        does({ ...closed, head }),
        'answer ProposalClosed: pull request #7 was closed by pat without a merge: https://forge.test/7',
      );
      assert.equal(does({ ...closed, head, isOfEarlierIssue: true }), 'push over nothing');
      assert.equal(does({ ...closed, isOfEarlierIssue: true }), 'open');
    });
  });
});
