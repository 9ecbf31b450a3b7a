import assert from 'node:assert/strict';
import { gitlab } from './gitlab.js';
import { ourBranch, sayer } from './proposal.fixture.js';

const { says, saysOf } = sayer(gitlab);
const at = 'acme/deploy/config';

describe('a webhook of GitLab', () => {
  it('says that a merge request was merged, closed or changed, and who did it', () => {
    assert.deepEqual(says('merge'), [`merged ${ourBranch} of ${at} 17 a-user`]);
    assert.deepEqual(says('system-merge'), [`merged ${ourBranch} of ${at} 17 a-user`]);
    assert.deepEqual(says('close'), [`closed ${ourBranch} of ${at} 17 a-user`]);
    for (const name of ['approved', 'update']) {
      assert.deepEqual(says(name), [`changed ${ourBranch} of ${at} 17 a-user`], name);
    }
  });

  it('says that a pipeline of the branch or of the merge request has ended', () => {
    for (const name of ['pipeline', 'branch-pipeline']) {
      assert.deepEqual(says(name), [`checked ${ourBranch} of ${at}`], name);
    }
  });

  it('says of a fork that it is one', () => {
    assert.deepEqual(says('fork'), [`merged ${ourBranch} of a fork of ${at} 17 a-user`]);
    assert.deepEqual(says('pipeline-of-fork'), [`checked ${ourBranch} of a fork of ${at}`]);
  });

  it('is ignored while a pipeline runs, and where nothing changes', () => {
    assert.deepEqual(says('pipeline-running'), ['the check has not ended']);
    assert.deepEqual(says('tag-pipeline'), ['the pipeline is of a tag']);
    assert.deepEqual(says('open'), ['the event changes nothing that K8sTA looks at']);
    assert.deepEqual(says('note'), ['not about a merge request or a pipeline']);
    assert.deepEqual(saysOf({ event_name: 'project_create' }), ['not about a merge request or a pipeline']);
  });

  it('is refused if it is not what GitLab posts, and says where', () => {
    const fault = String(saysOf({ object_kind: 'pipeline', project: { path_with_namespace: at } }));
    assert.match(fault, /^invalid: object_attributes: /);
    assert.match(String(saysOf('push')), /^invalid: the body/);
  });
});
