import assert from 'node:assert/strict';
import type { AnyUnwrapped } from '@k8sta/bus';
import { entryOf } from './story.js';

const url = 'https://git.test/pull/7';
const commit = 'a'.repeat(40);
const head = { promotion: 't1/prod/1', part: 0, ticket: 't1', track: 'storefront', station: 'prod' };
const told = (type: string, data: object) => entryOf({ type, data: { ...head, ...data } } as unknown as AnyUnwrapped);

describe('what happened to a Ticket', () => {
  it('names the page of a pull request', () => {
    const { what, message, station } = told('promotion.proposed', { url, commit }) ?? {};
    assert.deepEqual([what, station, message], ['proposed', 'prod', url]);
  });

  it('names the person who merged it', () => {
    const data = { commit, revision: commit, repository: 'https://git.test/deploy.git', mergedBy: 'bob' };
    const merged = told('promotion.committed', { ...data, proposal: { provider: 'github', number: 7, url } });
    assert.deepEqual([merged?.what, merged?.by], ['merged', 'bob']);
    assert.match(merged?.message ?? '', /pull\/7$/);
    assert.equal(told('promotion.committed', { ...data, mergedBy: undefined })?.what, 'committed');
  });

  it('leaves out what only services need', () => {
    assert.equal(told('proposal.changed', { what: 'merged' }), undefined);
    assert.equal(told('promotion.requested', {}), undefined);
  });
});
