import assert from 'node:assert/strict';
import { hintOf } from './hint.js';
import { ourBranch } from './proposal.fixture.js';

const proposal = { track: 'storefront', station: 'prod', ticket: '0123456789abcdef', attempt: 2, part: 1 };
const mention = { branch: ourBranch, isOfFork: false, repository: 'acme/config', what: 'changed' as const };
const at = { receivedAt: new Date(0), traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const hint = (change: object = {}, hash = 'abc') =>
  hintOf({ ...at, provider: 'gitea', proposal, mention: { ...mention, ...change }, hash });

describe('the hint that a mention becomes', () => {
  it('has the same id for the same bytes, and another one for other bytes', () => {
    assert.equal(hint().id, 'proposal.changed/gitea/storefront/prod/0123456789abcdef/2/1/changed/abc');
    assert.notEqual(hint({}, 'abd').id, hint().id);
  });

  it('has no number and no user where the forge names none', () => {
    assert.deepEqual(Object.keys(hint().data).sort(), [
      ...['attempt', 'part', 'provider', 'receivedAt', 'repository', 'station', 'ticket', 'track', 'what'],
    ]);
  });

  it('bounds and cleans what the forge names', () => {
    const { by, repository } = hint({ by: `eve\n\u202e${'x'.repeat(300)}`, repository: 'acme\u0000/config' }).data;
    assert.equal(by?.length, 200);
    assert.match(by ?? '', /^eve x/);
    assert.equal(repository, 'acme /config');
  });
});
