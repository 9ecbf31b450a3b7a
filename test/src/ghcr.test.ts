import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { onGhcr } from './gated-lines.js';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

const payloadFile = new URL('../../services/ingest/src/senders/fixtures/ghcr/package.json', import.meta.url);
const platformFile = new URL('package-of-one-platform.json', payloadFile);

/** The whole system, where the image is on GHCR and its webhooks are signed. */
describe('an image on GHCR', () => {
  let system: TestSystem;

  before(async () => {
    system = await sharedSystem('gated');
  });

  const post = async (file: URL, secret = system.ghcr.secret) => {
    const body = await readFile(file);
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
    const answer = await fetch(system.ghcr.url, { method: 'POST', headers, body });
    return { status: answer.status, json: (await answer.json()) as { tickets?: { ticket: string }[] } };
  };

  it('rides once, of all the events that GitHub posts for a push of several platforms', async () => {
    assert.equal((await post(payloadFile, 'a-secret-of-somebody-else')).status, 404);
    assert.equal((await post(platformFile)).status, 200);
    const { status, json } = await post(payloadFile);
    assert.equal(status, 202);
    const [{ ticket } = assert.fail('no Ticket')] = json.tickets ?? [];
    assert.equal((await post(payloadFile)).status, 200);
    await system.tap.completed(ticket);
    const { track } = onGhcr;
    const opened = system.tap
      .all()
      .filter(({ type, data }) => type === 'ticket.opened' && 'track' in data && data.track === track);
    assert.equal(opened.length, 1);
    const commits = (await system.repository.log()).filter(({ trailers }) => trailers['K8sTA-Track'] === track);
    assert.deepEqual(
      commits.map(({ trailers }) => [trailers['K8sTA-Ticket'], trailers['K8sTA-Station']]),
      Object.keys(onGhcr.stations).map((station) => [ticket, station]),
    );
    assert.match((await system.repository.read('apps/ghcr-prod/kustomization.yaml')) ?? '', /newTag: "?1\.4\.2/);
  });
});
