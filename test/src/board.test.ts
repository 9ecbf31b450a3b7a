import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, until } from '@k8sta/sandbox';
import { approved } from './gated-lines.js';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

const roles = 'roles: [{groups: [shop], tracks: [storefront], may: [approve, pause]}]\n';

/** A whole K8sTA with a gate before prod, and a board behind a proxy that signs people in. */
describe('a ride that a person approves on the board', () => {
  let railway: TestSystem;
  let board: string;

  before(async () => {
    railway = await sharedSystem('gated');
    const port = String(await freePort());
    const rolesFile = join(railway.directory, 'roles.yaml');
    await writeFile(rolesFile, roles);
    board = await railway.startBoard({
      ...{ K8STA_HTTP_PORT: port, K8STA_BOARD_URL: `http://127.0.0.1:${port}` },
      ...{ K8STA_BOARD_PROXY_ADDRESSES: '127.0.0.1', K8STA_BOARD_ROLES: rolesFile },
    });
  });

  const approve = async (ticket: string, name: string) => {
    const response = await fetch(`${board}/api/say/approve`, {
      method: 'POST',
      body: JSON.stringify({ track: 'storefront', ticket, station: 'prod', message: 'looks good on stage' }),
      headers: {
        ...{ 'content-type': 'application/json', origin: board },
        ...{ 'x-forwarded-user': name, 'x-forwarded-groups': 'shop' },
      },
    });
    return { status: response.status, ...((await response.json()) as { reason?: string }) };
  };

  it('waits before prod, refuses whom the gate does not name, and goes on in the name of who approves', async () => {
    const ticket = await railway.pushUntilAccepted('1.4.2', approved.image);
    await railway.tap.find('ticket.waiting', ({ data }) => data.ticket === ticket && data.reason === 'ApprovalMissing');
    const shown = async () => {
      const { tracks } = (await (await fetch(`${board}/api/tracks`)).json()) as {
        tracks: { name: string; open: { reason?: string }[] }[];
      };
      return tracks.find(({ name }) => name === approved.track)?.open[0]?.reason === 'ApprovalMissing';
    };
    await until(shown, { what: 'the board showing what the Ticket waits for' });
    assert.deepEqual(await approve(ticket, 'bob@example.com').then(({ reason }) => reason), 'NotAnApprover');
    assert.equal((await approve(ticket, 'alice@example.com')).status, 200);
    const { data } = await railway.tap.find('operator.word', (event) => event.data.verb === 'approve');
    assert.deepEqual([data.by, data.message], ['alice@example.com', 'looks good on stage']);
    await railway.tap.completed(ticket);
    const detail = (await (await fetch(`${board}/api/tracks/storefront/tickets/${ticket}`)).json()) as {
      life: { what: string; reason?: string }[];
      stations: { station: string; arrivedAt?: string }[];
    };
    assert.ok(detail.life.some(({ reason }) => reason === 'ApprovalMissing'));
    assert.deepEqual(
      detail.stations.map(({ station }) => station),
      ['dev', 'stage', 'prod'],
    );
  });
});
