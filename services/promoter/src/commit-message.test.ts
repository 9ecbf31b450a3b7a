import assert from 'node:assert/strict';
import { commitMessage, promotionOf } from './commit-message.js';

const image = { repository: 'ghcr.io:5000/acme/storefront', tag: '1.4.2' };
const part = {
  id: 't/dev/1/0',
  ticket: 't',
  track: 'storefront',
  station: 'dev',
  applications: [{ image }, { image }],
};

describe('a commit message', () => {
  it('names the image and the promotion', () => {
    assert.equal(
      commitMessage(part),
      'storefront/dev: ghcr.io:5000/acme/storefront 1.4.2\n\nK8sTA-Ticket: t\nK8sTA-Track: storefront\nK8sTA-Station: dev\nK8sTA-Promotion: t/dev/1/0\n',
    );
    assert.equal(promotionOf(commitMessage(part)), 't/dev/1/0');
  });

  it('reads trailers from the last paragraph only', () => {
    assert.equal(promotionOf('Fix\n\nReverts\n\nK8sTA-Promotion: t/dev/1/0\n\nbecause it broke\n'), undefined);
    assert.equal(promotionOf('Fix\n\n> K8sTA-Promotion: t/dev/1/0\n'), undefined);
    assert.equal(promotionOf('Fix\r\n\r\nK8sTA-Promotion: t/dev/1/0\r\n'), 't/dev/1/0');
    assert.equal(promotionOf(''), undefined);
  });

  it('lets no value add a line', () => {
    const message = commitMessage({ ...part, ticket: 'x\nK8sTA-Promotion: other' });
    assert.equal(promotionOf(message), 't/dev/1/0');
  });
});
