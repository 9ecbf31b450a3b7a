import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { readReport } from '../services/ingest/src/checks/report.js';
import { reporters } from '../services/ingest/src/checks/reporters.js';
import { type Headers, presentedProof, signingSecret } from '../services/ingest/src/senders/proof.js';
import { parseSecrets } from '../services/ingest/src/senders/secret-lines.js';

const secret = 'a-secret-of-enough-characters';
const [generic = assert.fail(), genericOidc = assert.fail()] = reporters;

describe('docs/checks.md', () => {
  const blocks = async (language: string) => {
    const text = await readFile(new URL('../docs/checks.md', import.meta.url), 'utf8');
    return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);
  };

  /** Runs the script, and returns what it posts. */
  async function posted(script: string, environment: Record<string, string>) {
    const received: { headers: Headers; body: Buffer; path: string }[] = [];
    const server = createServer(async (request, response) => {
      received.push({ headers: request.headers, body: await buffer(request), path: request.url ?? '' });
      response.end('{"value": "a.b.c"}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const env = { ...process.env, ACTIONS_ID_TOKEN_REQUEST_URL: `${here}/token?x=y`, ...environment };
      await promisify(execFile)('bash', ['-euc', script.replace('https://k8sta.example.com', here)], { env });
    } finally {
      server.close();
    }
    return received.at(-1) ?? assert.fail('nothing was posted');
  }

  it('shows a script that signs a report', async () => {
    const [script = ''] = await blocks('bash');
    const { headers, body, path } = await posted(script, { SECRET: secret });
    assert.equal(path, '/checks/generic');
    const presented = presentedProof(generic.proof, { headers, pathSecret: undefined }) ?? assert.fail('not signed');
    assert.ok(generic.proof.kind === 'hmac');
    assert.ok(signingSecret(generic.proof, [{ name: 'generic:1', value: secret }], body, presented));
    const report = readReport(headers, body);
    assert.ok('outcome' in report, JSON.stringify(report));
  });

  it('shows a job of GitHub Actions that reports with its token', async () => {
    const [job = ''] = await blocks('yaml');
    const [, script = ''] = /run: \|\n([\s\S]*)$/.exec(job) ?? [];
    const run = { GITHUB_RUN_ID: '17', GITHUB_RUN_ATTEMPT: '1', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't' };
    const { headers, body, path } = await posted(script, { ...run, TICKET: '3f2a9c0d1e5b7a46', OUTCOME: 'failed' });
    assert.equal(path, '/checks/generic-oidc');
    assert.equal(presentedProof(genericOidc.proof, { headers, pathSecret: undefined }), 'a.b.c');
    const report = readReport(headers, body);
    assert.ok('outcome' in report, JSON.stringify(report));
    assert.deepEqual([report.outcome, report.message], ['failed', 'run 17.1']);
  });

  it('shows valid lines of secrets and tokens, with limits', async () => {
    const lines = await blocks('json');
    const [ofSecret, ofToken] = [generic, genericOidc].map(({ proof, readLine, name }, at) =>
      parseSecrets(lines[at] ?? '', proof, name, readLine),
    );
    assert.deepEqual([ofSecret?.faults, ofToken?.faults], [[], []]);
    assert.deepEqual(ofSecret?.secrets[0]?.limits?.checks, ['smoke']);
    assert.deepEqual(ofToken?.secrets[0]?.limits, { tracks: ['storefront'], checks: ['smoke'] });
  });
});
