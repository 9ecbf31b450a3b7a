import assert from 'node:assert/strict';
import type { Mirror } from './mirror.js';
import { type PushConnection, PushConnections } from './push-connections.js';

const progress = { contact() {}, alive() {}, local() {} };

describe('an open push connection', () => {
  it('is used by the next push with the same credential, and by no other', async () => {
    const address = { url: 'https://git.test/acme/config.git', bearerToken: 'before', proxy: 'http://proxy.test' };
    const connection = { address, progress: {} } as unknown as PushConnection;
    const connections = new PushConnections({} as Mirror);
    connections.hold('refs/heads/main', connection, Promise.resolve(undefined));
    for (const changed of [{ bearerToken: 'after' }, { proxy: 'http://other.test' }, { url: 'https://git.test/b' }]) {
      assert.equal(await connections.take({ ...address, ...changed }, 'refs/heads/main', progress), undefined);
    }
    const taken = await connections.take({ ...address }, 'refs/heads/main', progress);
    assert.equal(taken?.connection, connection);
  });
});
