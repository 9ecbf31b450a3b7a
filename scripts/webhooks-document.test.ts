import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gar } from '../services/ingest/src/senders/gar.js';
import { generic, genericOidc } from '../services/ingest/src/senders/generic.js';
import { type Headers, presentedProof, signingSecret } from '../services/ingest/src/senders/proof.js';
import { parseSecrets } from '../services/ingest/src/senders/secret-lines.js';

const secret = 'a-secret-of-enough-characters';

describe('docs/webhooks.md', () => {
  const blocks = async (language: string) => {
    const text = await readFile(new URL('../docs/webhooks.md', import.meta.url), 'utf8');
    return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);
  };

  it('shows a CI job that signs what it posts', async () => {
    const received: { headers: Headers; body: Buffer }[] = [];
    const server = createServer(async (request, response) => {
      received.push({ headers: request.headers, body: await buffer(request) });
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const [script = ''] = await blocks('bash');
      const here = script.replace(
        'https://k8sta.example.com',
        `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      );
      assert.notEqual(here, script);
      await promisify(execFile)('bash', ['-euc', here], { env: { ...process.env, SECRET: secret } });
    } finally {
      server.close();
    }
    const [{ headers, body } = assert.fail('nothing was posted')] = received;
    const { proof } = generic;
    const presented = presentedProof(proof, { headers, pathSecret: undefined });
    assert.ok(
      proof.kind === 'hmac' &&
        presented &&
        signingSecret(proof, [{ name: 'generic:1', value: secret }], body, presented),
    );
    const delivery = generic.read(headers, body, new Date());
    assert.ok('pushes' in delivery, JSON.stringify(delivery));
  });

  it('shows valid lines for the tokens', async () => {
    const [google = '', lines = ''] = await blocks('json');
    assert.deepEqual(parseSecrets(google, gar.proof, 'gar').faults, []);
    assert.deepEqual(parseSecrets(lines, genericOidc.proof, 'generic-oidc').faults, []);
  });
});
