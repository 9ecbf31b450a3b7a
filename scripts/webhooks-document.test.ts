import assert from 'node:assert/strict';
import { gar } from '../services/ingest/src/senders/gar.js';
import { generic, genericOidc } from '../services/ingest/src/senders/generic.js';
import { presentedProof, signingSecret } from '../services/ingest/src/senders/proof.js';
import { parseSecrets } from '../services/ingest/src/senders/secret-lines.js';
import { blocksOf, postedBy } from './document.fixture.js';

const secret = 'a-secret-of-enough-characters';

describe('docs/webhooks.md', () => {
  it('shows a CI job that signs what it posts', async () => {
    const [script = ''] = await blocksOf('webhooks.md', 'bash');
    const { headers, body, path } = await postedBy(script, { SECRET: secret });
    assert.equal(path, '/webhooks/generic');
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
    const [google = '', lines = ''] = await blocksOf('webhooks.md', 'json');
    assert.deepEqual(parseSecrets(google, gar.proof, 'gar').faults, []);
    assert.deepEqual(parseSecrets(lines, genericOidc.proof, 'generic-oidc').faults, []);
  });
});
