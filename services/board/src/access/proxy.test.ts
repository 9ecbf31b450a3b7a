import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import type { Context } from 'koa';
import { proxyAccess } from './proxy.js';

const blocks = new BlockList();
blocks.addSubnet('10.0.0.0', 8, 'ipv4');
blocks.addSubnet('fd00::', 8, 'ipv6');
const access = proxyAccess({ blocks, userHeader: 'X-User', groupsHeader: 'X-Groups' });

/** Who asks, by a connection from this address and these headers. */
const personOn = (remoteAddress: string | undefined, ...rawHeaders: string[]) =>
  access.person({ req: { socket: { remoteAddress }, rawHeaders } } as unknown as Context);

describe('an authenticating proxy', () => {
  it('is believed on connections from its addresses, also on a socket for both families', async () => {
    const alice = { name: 'alice@example.com', groups: ['staff', 'shop'] };
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00::7'])
      assert.deepEqual(await personOn(address, 'x-user', alice.name, 'x-groups', 'staff, shop,'), alice, address);
  });

  it('is not believed from elsewhere, or once the connection is closed', async () => {
    for (const address of ['11.1.2.3', '::ffff:11.1.2.3', 'fe80::7', undefined])
      assert.equal(await personOn(address, 'x-user', 'alice@example.com'), undefined, address);
  });

  it('names nobody in a header that is there twice, and no group', async () => {
    assert.equal(await personOn('10.1.2.3', 'X-User', 'mallory', 'x-user', 'root'), undefined);
    const twice = await personOn('10.1.2.3', 'X-User', 'mallory', 'x-groups', 'staff', 'X-Groups', 'platform');
    assert.deepEqual(twice, { name: 'mallory', groups: [] });
  });
});
