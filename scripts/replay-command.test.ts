import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { replayCommand } from './replay/command.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const traces = fileURLToPath(new URL('replay/traces', import.meta.url));
const happy = [`${traces}/a-happy-refresh.jsonl.gz`, '--commits', `${traces}/a-happy-refresh.commits.json`];

/** What the command prints. */
async function replayed(...args: string[]): Promise<string> {
  let printed = '';
  const command = replayCommand((line) => {
    printed += line;
  });
  await command.configureOutput({ writeErr: () => {} }).parseAsync(args, { from: 'user' });
  return printed;
}

describe('npm run replay', () => {
  it('prints a line for each change of a verdict', async () => {
    const printed = await replayed(...happy);
    assert.match(
      printed,
      /^2026-11-26T20:07:50\.470Z prod 561b42db arrived Arrived {2}argocd\/storefront-prod: arrived$/m,
    );
    const lines = printed.split('\n').map((line) => line.slice(line.indexOf(' ')));
    assert.ok(lines.every((line, index) => line === '' || line !== lines[index - 1]));
  });

  it('prints JSON lines, with the sync windows of the projects file', async () => {
    const files = [`${traces}/f-deny-window.jsonl.gz`, '--commits', `${traces}/f-deny-window.commits.json`];
    const printed = await replayed(...files, '--projects', `${traces}/f-deny-window.projects.json`, '-o', 'json');
    const lines = printed
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

  /** Runs the command as `npm run replay` does. */
  const run = (...args: string[]) => {
    const command = ['--import', 'tsx', '--conditions=source', 'scripts/replay.ts', ...args];
    return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  };

  it('prints one line about a fault of a file and exits with 1', () => {
    const args = [`${traces}/README.md`, '--commits', `${traces}/f-deny-window.commits.json`];
    const { status, stdout, stderr } = run(...args);
    const fault = `${traces}/README.md:1: expected a JSON object, found "#"\n`;
    assert.deepEqual([status, stdout, stderr], [1, '', fault]);
  });

  it('exits with 2 on a fault of the command line', async () => {
    const { status, stderr } = run(...happy, '--settle', 'soon');
    assert.equal(status, 2);
    assert.match(stderr, /^error: .*must be a duration such as 90s or 2m\n/);
    await assert.rejects(replayed(`${traces}/a-happy-refresh.jsonl.gz`), /required option '--commits <file>'/);
  });
});
