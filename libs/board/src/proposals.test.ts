import assert from 'node:assert/strict';
import { ago, ticket } from './board.fixture.js';
import { ticketModel } from './ticket.js';

const since = ago(60);
const model = (url: string, provider: 'github' | 'gitlab' = 'github') => {
  const [, waiting] = ticket('1.4.2', {
    ...{ is: 'promoting', station: 'prod', promotion: 'p', notAfter: ago(-60), since },
    ...{ reason: 'ProposalOpen', message: `the pull request ${url} is open` },
    proposals: [{ provider, number: 7, url }],
  });
  return ticketModel({ images: [] }, waiting, false);
};

describe('a Ticket on the board whose pull request is open', () => {
  it('has a link to it, and no time at which it ends', () => {
    const { proposals, until } = model('https://git.test/pull/7');
    assert.deepEqual(proposals, [{ name: '#7', link: 'https://git.test/pull/7' }]);
    assert.equal(until, undefined);
  });

  it('names a merge request as GitLab does', () => {
    assert.equal(model('https://git.test/mr/7', 'gitlab').proposals?.[0]?.name, '!7');
  });

  it('has no link to what is not a page of the web', () => {
    assert.deepEqual(model('javascript:alert(1)').proposals, [{ name: '#7', link: undefined }]);
  });
});
