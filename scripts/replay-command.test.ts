import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../', import.meta.url));
const traces = 'scripts/replay/traces';
const happy = [`${traces}/a-happy-refresh.jsonl.gz`, '--commits', `${traces}/a-happy-refresh.commits.json`];

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function replay(...args: string[]): Promise<Ran> {
  const command = ['--import', 'tsx', '--conditions=source', 'scripts/replay.ts', ...args];
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, command, { cwd: root })) };
  } catch (error) {
    return error as Ran;
  }
}

describe('npm run replay', () => {
  it('prints a line for each change of a verdict', async () => {
    const { code, stdout, stderr } = await replay(...happy);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^2026-11-26T20:07:50\.470Z prod 561b42db arrived Arrived {2}argocd\/storefront-prod: arrived$/m,
    );
    const lines = stdout.split('\n').map((line) => line.slice(line.indexOf(' ')));
    assert.ok(lines.every((line, index) => line === '' || line !== lines[index - 1]));
  });

  it('prints JSON lines, with the sync windows of the projects file', async () => {
    const files = [`${traces}/f-deny-window.jsonl.gz`, '--commits', `${traces}/f-deny-window.commits.json`];
    const { stdout, stderr } = await replay(
      ...files,
      '--projects',
      `${traces}/f-deny-window.projects.json`,
      '-o',
      'json',
    );
    assert.equal(stderr, '');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.find(({ verdict }) => verdict === 'blocked'),
      {
        at: '2026-11-26T20:08:52.090Z',
        application: 'argocd/window-prod',
        station: 'prod',
        commit: '6e804ce80ffea254dc4783636e55811cc6ac190d',
        verdict: 'blocked',
        reason: 'SyncWindowClosed',
        message:
          'argocd/window-prod: OutOfSync, a sync window of project windowed blocks the sync (deny "0 20 * * *" for 1h)',
      },
    );
  });

  it('prints one line about a fault of a file and exits with 1', async () => {
    const { code, stdout, stderr } = await replay(
      `${traces}/README.md`,
      '--commits',
      `${traces}/f-deny-window.commits.json`,
    );
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(stderr, `${traces}/README.md:1: expected a JSON object, found "#"\n`);
  });

  it('exits with 2 on a fault of the command line', async () => {
    for (const args of [[`${traces}/a-happy-refresh.jsonl.gz`], [...happy, '--settle', 'soon']]) {
      const { code, stderr } = await replay(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^error: /);
    }
  });
});
