import assert from 'node:assert/strict';
import { authorize } from './authorization.js';

describe('the challenge of a registry', () => {
  for (const realm of ['http://127.0.0.1:1/token', 'https://localhost/token', 'http://[::1]:1/token']) {
    it(`must not lead to this machine, as ${realm} does`, async () => {
      const asked = { registry: new URL('https://registry.example.com/v2/acme/app/tags/list'), path: 'acme/app' };
      const answered = authorize(asked, { scheme: 'bearer', parameters: { realm } }, undefined, new Date());
      await assert.rejects(answered, /an address of this machine/);
    });
  }
});
