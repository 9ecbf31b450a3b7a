import assert from 'node:assert/strict';
import { parseProposalBranch, proposalBranch } from './proposal-branch.js';

const first = { track: 'storefront', station: 'prod', ticket: '0123456789abcdef', attempt: 1, part: 0 };

describe('the branch of a proposal', () => {
  it('names Track, Station and Ticket', () => {
    assert.equal(proposalBranch(first), 'k8sta/storefront/prod/0123456789abcdef');
  });

  it('is another one for each part and each attempt', () => {
    assert.equal(proposalBranch({ ...first, part: 1 }), 'k8sta/storefront/prod/0123456789abcdef.1.1');
    assert.equal(proposalBranch({ ...first, attempt: 2 }), 'k8sta/storefront/prod/0123456789abcdef.2.0');
  });

  it('is read back as it was written, with or without refs/heads/', () => {
    for (const each of [first, { ...first, part: 3 }, { ...first, attempt: 2, part: 1 }]) {
      assert.deepEqual(parseProposalBranch(proposalBranch(each)), each);
      assert.deepEqual(parseProposalBranch(`refs/heads/${proposalBranch(each)}`), each);
    }
  });

  it('is no other branch', () => {
    for (const name of [
      'main',
      'k8sta/storefront/prod',
      'k8sta/Store/prod/0123',
      'k8sta/a/b/xyz',
      'k8sta/a/b/0123.0.0',
      'x/k8sta/a/b/0123',
    ]) {
      assert.equal(parseProposalBranch(name), undefined, name);
    }
  });
});
