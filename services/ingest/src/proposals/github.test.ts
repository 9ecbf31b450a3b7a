import assert from 'node:assert/strict';
import { github } from './github.js';
import { forgeFixture, ourBranch, sayer } from './proposal.fixture.js';

const { says, saysOf } = sayer(github);
const checked = [`checked ${ourBranch} of acme/config`];

describe('a webhook of GitHub', () => {
  it('says that a pull request was merged, closed or changed, and who did it', () => {
    assert.deepEqual(says('merged'), [`merged ${ourBranch} of acme/config 17 octo-user`]);
    assert.deepEqual(says('closed'), [`closed ${ourBranch} of acme/config 17 octo-user`]);
    assert.deepEqual(says('synchronize'), [`changed ${ourBranch} of acme/config 17 octo-user`]);
    assert.deepEqual(says('review'), [`changed ${ourBranch} of acme/config 17 octo-user`]);
  });

  it('says that a check has ended, for every branch with the commit', () => {
    for (const name of ['check-suite', 'check-run', 'workflow-run']) assert.deepEqual(says(name), checked, name);
    assert.deepEqual(says('status'), ['checked main of acme/config', ...checked]);
  });

  it('says of a fork that it is one', () => {
    assert.deepEqual(says('fork'), [`merged ${ourBranch} of a fork of acme/config 17 octo-user`]);
    assert.deepEqual(says('workflow-run-of-fork'), [`checked ${ourBranch} of a fork of acme/config`]);
  });

  it('is ignored while a check runs, and where nothing changes', () => {
    assert.deepEqual(says('ping'), ['a ping']);
    assert.deepEqual(says('opened'), ['the event changes nothing that K8sTA looks at']);
    for (const name of ['check-run-created', 'status-pending']) {
      assert.deepEqual(says(name), ['the check has not ended'], name);
    }
    assert.deepEqual(saysOf({ action: 'created', issue: {}, comment: {} }), ['not about a pull request or a check']);
    const suite = { head_branch: null };
    assert.deepEqual(saysOf({ action: 'completed', check_suite: suite }), ['the check names no branch']);
  });

  it('may be a form', () => {
    const form = new URLSearchParams({ payload: forgeFixture('github', 'merged').bytes.toString() });
    const heard = github.read({ 'content-type': 'application/x-www-form-urlencoded' }, Buffer.from(String(form)));
    assert.ok('mentions' in heard);
    assert.equal(heard.mentions[0]?.what, 'merged');
  });

  it('is refused if it is not what GitHub posts, and says where', () => {
    assert.match(
      String(saysOf({ action: 'closed', pull_request: { number: '17' } })),
      /^invalid: pull_request\.number: /,
    );
    assert.match(String(saysOf([])), /^invalid: the body/);
  });
});
