import assert from 'node:assert/strict';
import { judgeMention } from './judge-mention.js';
import { ourBranch, proposingTracks } from './proposal.fixture.js';

describe('the branch that a forge mentions', () => {
  const judge = (branch: string, isOfFork = false) => judgeMention(proposingTracks, { branch, isOfFork });
  const reason = (...of: Parameters<typeof judge>) => {
    const judged = judge(...of);
    return 'notOurs' in judged ? [judged.notOurs, judged.message] : judged;
  };

  it('is ours where the Station is written by pull request', () => {
    const proposal = { track: 'storefront', station: 'prod', ticket: '0123456789abcdef', attempt: 1, part: 0 };
    assert.deepEqual(judge(ourBranch), proposal);
    assert.deepEqual(judge(`refs/heads/${ourBranch}.2.1`), { ...proposal, attempt: 2, part: 1 });
  });

  it('is not ours in a fork, with another name, or at another Station, and says why', () => {
    assert.deepEqual(reason('main'), ['OtherBranch', 'the name of the branch is not that of a proposal']);
    assert.deepEqual(reason(ourBranch, true), ['ForkBranch', 'the branch is in a fork']);
    assert.deepEqual(reason('k8sta/billing/prod/01'), ['TrackUnknown', 'no tracks file has a Track "billing"']);
    assert.deepEqual(reason('k8sta/storefront/moon/01'), [
      ...['StationUnknown', 'the Track storefront has no Station "moon"'],
    ]);
    assert.deepEqual(reason('k8sta/storefront/dev/01'), [
      ...['NotByPullRequest', 'the Station dev of the Track storefront is not written by pull request'],
    ]);
  });
});
