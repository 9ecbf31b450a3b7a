import assert from 'node:assert/strict';
import { proxyFor } from './proxy.js';

describe('the proxy of a Secret', () => {
  const url = 'http://proxy.test:3128';
  const isException = (spelled: string, host = 'git.example.com', port = 443) =>
    proxyFor({ url, except: [spelled] }, { host, port }) === undefined;

  it('applies to all hosts but its exceptions', () => {
    assert.equal(proxyFor({ url, except: [] }, { host: 'git.example.com', port: 443 }), url);
    assert.equal(proxyFor(undefined, { host: 'git.example.com', port: 443 }), undefined);
    for (const spelled of [
      '*',
      'git.example.com',
      'GIT.example.com:443',
      'example.com',
      '.example.com',
      '*.example.com',
    ])
      assert.ok(isException(spelled), spelled);
    for (const spelled of ['git.example.com:8443', 'ample.com', '.git.example.com', '10.0.0.0/8', 'x/y'])
      assert.ok(!isException(spelled), spelled);
  });

  it('reads networks', () => {
    assert.ok(isException('10.0.0.0/8', '10.1.2.3'));
    assert.ok(!isException('10.0.0.0/8', '11.1.2.3'));
    assert.ok(!isException('10.0.0.0/99', '10.1.2.3'));
    assert.ok(isException('fd00::/8', 'fd12::1'));
    assert.ok(isException('10.1.2.3', '10.1.2.3'));
  });
});
