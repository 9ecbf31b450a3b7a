import assert from 'node:assert/strict';
import { gitea } from './gitea.js';
import { forgeFixture, ourBranch, sayer } from './proposal.fixture.js';

const { says, saysOf } = sayer(gitea);

describe('a webhook of Gitea or Forgejo', () => {
  it('says that a pull request was merged, closed or changed, and who did it', () => {
    assert.deepEqual(says('merged'), [`merged ${ourBranch} of acme/config 17 gitea-user`]);
    assert.deepEqual(says('closed'), [`closed ${ourBranch} of acme/config 17 gitea-user`]);
    for (const name of ['synchronized', 'approved']) {
      assert.deepEqual(says(name), [`changed ${ourBranch} of acme/config 17 gitea-user`], name);
    }
  });

  it('says that a workflow has ended: of Gitea, and of Forgejo', () => {
    for (const name of ['workflow-run', 'action-run-success']) {
      assert.deepEqual(says(name), [`checked ${ourBranch} of acme/config`], name);
    }
  });

  it('says of a fork that it is one', () => {
    assert.deepEqual(says('fork'), [`merged ${ourBranch} of a fork of acme/config 17 gitea-user`]);
    const { run } = JSON.parse(forgeFixture('gitea', 'action-run-success').bytes.toString());
    assert.deepEqual(saysOf({ run: { ...run, is_fork_pull_request: true } }), ['the check is of a fork']);
  });

  it('is ignored where it names no branch, and where nothing changes', () => {
    assert.deepEqual(says('status'), ['a status of Gitea names no branch']);
    assert.deepEqual(says('opened'), ['the event changes nothing that K8sTA looks at']);
    assert.deepEqual(says('push'), ['not about a pull request or a check']);
  });
});
