import assert from 'node:assert/strict';
import { webAddress } from './web-address.js';

describe('an address that may become a link', () => {
  for (const address of ['https://github.com/acme/deploy/pull/7', 'http://gitea.test:3000/acme/deploy/pulls/7']) {
    it(`is ${address}`, () => assert.equal(webAddress(address), address));
  }

  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://bob:secret@git.test/pull/7',
    '/pull/7',
    '',
  ]) {
    it(`is not "${text}"`, () => assert.equal(webAddress(text), undefined));
  }
});
