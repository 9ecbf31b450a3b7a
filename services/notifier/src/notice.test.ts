import assert from 'node:assert/strict';
import type { DataOf } from '@k8sta/contracts';
import { compose } from './compose.js';
import { noticeOf } from './notice.js';

const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };
const standard = { template: undefined, ticket: undefined, links: {}, saysRepeat: false, onFault: assert.fail };

const proposed = (merge: 'byPeople' | 'auto', url = 'https://git.test/pull/7') =>
  noticeOf({
    ...{ type: 'promotion.proposed', id: 'e1', sequence: 1, time: new Date('2026-01-01T08:00:00Z') },
    data: {
      ...{ promotion: 't1/prod/1', part: 0, ticket: 't1', track: 'storefront', station: 'prod', url },
      request: { applications: [{ image }], write: { pullRequest: { merge } } },
    } as unknown as DataOf<'promotion.proposed'>,
  });

describe('the message about a pull request', () => {
  it('asks people to merge it, with a link, in the thread of the Ticket', () => {
    const notice = proposed('byPeople');
    assert.deepEqual([notice.thread, notice.mood], ['ticket.storefront.t1', 'problem']);
    const { subject, body, links } = compose(notice, standard);
    assert.equal(subject, 'storefront/prod: ghcr.io/acme/storefront:1.4.2 needs a merge (ProposalOpen)');
    assert.match(body, /^pull request https:\/\/git\.test\/pull\/7\nWhat to do: Review and merge it/);
    assert.deepEqual(links, [{ title: 'pull request', url: 'https://git.test/pull/7' }]);
  });

  it('asks nobody where K8sTA merges it', () => {
    const notice = proposed('auto');
    assert.equal(notice.mood, 'news');
    assert.doesNotMatch(compose(notice, standard).body, /What to do/);
  });

  it('has no link to what is not a page of the web', () => {
    assert.deepEqual(compose(proposed('byPeople', 'javascript:alert(1)'), standard).links, []);
  });
});
