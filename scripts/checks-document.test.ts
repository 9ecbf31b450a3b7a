import assert from 'node:assert/strict';
import { readReport } from '../services/ingest/src/checks/report.js';
import { reporters } from '../services/ingest/src/checks/reporters.js';
import { presentedProof, signingSecret } from '../services/ingest/src/senders/proof.js';
import { parseSecrets } from '../services/ingest/src/senders/secret-lines.js';
import { blocksOf, postedBy } from './document.fixture.js';

const secret = 'a-secret-of-enough-characters';
const [generic = assert.fail(), genericOidc = assert.fail()] = reporters;

describe('docs/checks.md', () => {
  it('shows a script that signs a report', async () => {
    const [script = ''] = await blocksOf('checks.md', 'bash');
    const { headers, body, path } = await postedBy(script, { SECRET: secret });
    assert.equal(path, '/checks/generic');
    const presented = presentedProof(generic.proof, { headers, pathSecret: undefined }) ?? assert.fail('not signed');
    assert.ok(generic.proof.kind === 'hmac');
    assert.ok(signingSecret(generic.proof, [{ name: 'generic:1', value: secret }], body, presented));
    const report = readReport(headers, body);
    assert.ok('outcome' in report, JSON.stringify(report));
  });

  it('shows a job of GitHub Actions that reports with its token', async () => {
    const [job = ''] = await blocksOf('checks.md', 'yaml');
    const [, script = ''] = /run: \|\n([\s\S]*)$/.exec(job) ?? [];
    const run = { GITHUB_RUN_ID: '17', GITHUB_RUN_ATTEMPT: '1', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't' };
    const { headers, body, path } = await postedBy(script, { ...run, TICKET: '3f2a9c0d1e5b7a46', OUTCOME: 'failed' });
    assert.equal(path, '/checks/generic-oidc');
    assert.equal(presentedProof(genericOidc.proof, { headers, pathSecret: undefined }), 'a.b.c');
    const report = readReport(headers, body);
    assert.ok('outcome' in report, JSON.stringify(report));
    assert.deepEqual([report.outcome, report.message], ['failed', 'run 17.1']);
  });

  it('shows valid lines of secrets and tokens, with limits', async () => {
    const lines = await blocksOf('checks.md', 'json');
    const [ofSecret, ofToken] = [generic, genericOidc].map(({ proof, readLine, name }, at) =>
      parseSecrets(lines[at] ?? '', proof, name, readLine),
    );
    assert.deepEqual([ofSecret?.faults, ofToken?.faults], [[], []]);
    assert.deepEqual(ofSecret?.secrets[0]?.limits?.checks, ['smoke']);
    assert.deepEqual(ofToken?.secrets[0]?.limits, { tracks: ['storefront'], checks: ['smoke'] });
  });
});
