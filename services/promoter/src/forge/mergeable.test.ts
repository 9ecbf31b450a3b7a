import assert from 'node:assert/strict';
import { Conflicts, pullSchema as giteaSchema, proposalOf as ofGitea } from './gitea-proposal.js';
import { pullSchema as gitHubSchema, proposalOf as ofGitHub } from './github-proposal.js';
import { stateOfStatus } from './gitlab-checks.js';
import { mergeRequestSchema, proposalOf as ofGitLab } from './gitlab-proposal.js';

const [sha, other] = ['a'.repeat(40), 'b'.repeat(40)];

describe('whether GitHub would merge', () => {
  const branches = { head: { ref: 'k8sta/a', sha }, base: { ref: 'main', sha: other } };
  const pull = (change: object) =>
    ofGitHub(gitHubSchema.parse({ number: 1, html_url: 'u', state: 'open', merged: false, ...branches, ...change }));

  it('is what mergeable and mergeable_state say together', () => {
    for (const [mergeable, mergeable_state, expected] of [
      [null, 'unknown', 'unknown'],
      [null, 'clean', 'unknown'],
      [true, 'unknown', 'unknown'],
      [true, 'clean', 'yes'],
      [true, 'unstable', 'yes'],
      [true, 'has_hooks', 'yes'],
      [true, 'blocked', 'blocked'],
      [true, 'behind', 'behind'],
      [true, 'draft', 'blocked'],
      [false, 'dirty', 'conflict'],
      [true, 'something new', 'unknown'],
    ] as const) {
      assert.equal(pull({ mergeable, mergeable_state }).mergeable, expected, `${mergeable} ${mergeable_state}`);
    }
    const asked = { mergeable: true, mergeable_state: 'blocked', requested_teams: [{ slug: 'release' }] };
    assert.match(pull(asked).missing, /a review is requested from release$/);
  });

  it('believes the merge commit only after the merge', () => {
    const trial = { merge_commit_sha: other, mergeable: true, mergeable_state: 'clean' };
    assert.equal(pull(trial).merged, undefined);
    const merged = pull({ ...trial, state: 'closed', merged: true, merged_by: { login: 'ann' } });
    assert.deepEqual(merged.merged, { commit: other, by: 'ann' });
  });
});

describe('whether GitLab would merge', () => {
  const request = (change: object) =>
    ofGitLab(
      mergeRequestSchema.parse({
        ...{ iid: 1, web_url: 'u', state: 'opened', source_branch: 'k8sta/a', target_branch: 'main', sha, ...change },
      }),
    );

  it('is what detailed_merge_status says', () => {
    for (const [detailed_merge_status, expected] of [
      ['mergeable', 'yes'],
      ['unchecked', 'unknown'],
      ['checking', 'unknown'],
      ['preparing', 'unknown'],
      ['approvals_syncing', 'unknown'],
      ['conflict', 'conflict'],
      ['broken_status', 'conflict'],
      ['need_rebase', 'behind'],
      ['ci_must_pass', 'blocked'],
      ['ci_still_running', 'blocked'],
      ['not_approved', 'blocked'],
      ['discussions_not_resolved', 'blocked'],
      ['draft_status', 'blocked'],
      ['something_new', 'blocked'],
    ] as const) {
      const { mergeable, missing } = request({ detailed_merge_status });
      assert.equal(mergeable, expected, detailed_merge_status);
      assert.equal(missing !== '', expected !== 'yes' && expected !== 'unknown', detailed_merge_status);
    }
  });

  it('is what merge_status says before GitLab 15.6', () => {
    assert.equal(request({ merge_status: 'can_be_merged' }).mergeable, 'yes');
    assert.equal(request({ merge_status: 'cannot_be_merged', has_conflicts: true }).mergeable, 'conflict');
    assert.equal(request({ merge_status: 'cannot_be_merged_recheck' }).mergeable, 'unknown');
  });

  it('names the commit on the branch: the merge, the squash, or the head after a fast-forward', () => {
    const merged = (change: object) => request({ state: 'merged', ...change }).merged?.commit;
    const [merge, squash] = ['c'.repeat(40), 'd'.repeat(40)];
    assert.equal(merged({ merge_commit_sha: merge, squash_commit_sha: squash }), merge);
    assert.equal(merged({ squash_commit_sha: squash }), squash);
    assert.equal(merged({}), sha);
  });

  it('takes a merge that is under way for an open one', () => {
    assert.deepEqual([request({ state: 'locked' }).state, request({ state: 'locked' }).mergeable], ['open', 'unknown']);
  });
});

describe('a job of GitLab', () => {
  it('passes, fails, is pending, or says nothing', () => {
    const state = (status: string, allow_failure = false) =>
      stateOfStatus({ name: 'job', status, allow_failure })?.state ?? 'nothing';
    assert.deepEqual(
      ['success', 'skipped', 'failed', 'canceled'].map((each) => state(each)),
      [...['passed', 'passed', 'failed', 'failed']],
    );
    assert.deepEqual(
      [state('failed', true), state('manual', true), state('manual')],
      ['nothing', 'nothing', 'pending'],
    );
    assert.deepEqual(
      ['created', 'waiting_for_resource', 'running', 'new'].map((each) => state(each)),
      [...['pending', 'pending', 'pending', 'pending']],
    );
  });
});

describe('whether Gitea would merge', () => {
  const pull = (change: object = {}) =>
    giteaSchema.parse({
      ...{ number: 1, html_url: 'u', title: 'Go', state: 'open', mergeable: false, merge_base: 'c' },
      ...{
        head: { label: 'k8sta/a', ref: 'k8sta/a', sha },
        base: { label: 'main', ref: 'main', sha: other },
        ...change,
      },
    });

  it('is a conflict only if it is so for a while for the same commits', () => {
    const conflicts = new Conflicts();
    assert.equal(conflicts.of(pull(), 0), 'unknown');
    assert.equal(conflicts.of(pull(), 4_999), 'unknown');
    assert.equal(conflicts.of(pull(), 5_000), 'conflict');
    const moved = { base: { label: 'main', ref: 'main', sha: 'd'.repeat(40) } };
    assert.equal(conflicts.of(pull(moved), 6_000), 'unknown');
    assert.equal(conflicts.of(pull({ ...moved, mergeable: true }), 7_000), undefined);
    assert.equal(conflicts.of(pull(moved), 60_000), 'unknown');
  });

  it('is never a conflict if the head contains its base', () => {
    const conflicts = new Conflicts();
    assert.deepEqual(
      [conflicts.of(pull({ merge_base: other }), 0), conflicts.of(pull({ merge_base: other }), 9e9)],
      [...['unknown', 'unknown']],
    );
  });

  it('names the branch after it is deleted', () => {
    const gone = { head: { label: 'k8sta/a', ref: 'refs/pull/1/head', sha } };
    assert.equal(ofGitea(pull(gone)).head, 'k8sta/a');
  });
});
