import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type GitServer,
  type Repository,
  startGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import type { Part } from '../../part.js';
import { Elsewhere } from './elsewhere.js';
import { JobHandler } from './job-handler.js';
import { Mirror } from './mirror.js';
import type { Job } from './protocol.js';

const image = { repository: 'ghcr.io/acme/shop', tag: '2.0.0' };
const values = 'image:\n  tag: 1.0.0\n';
const progress = { contact() {}, alive() {}, local() {} };

/** A chart in a repository of its own says which image it is; the repository of the Station has the tag alone. */
describe('the chart of another repository', () => {
  let server: GitServer;
  let directory: TemporaryDirectory;
  let charts: Repository;
  let count = 0;

  before(async () => {
    server = await startGitServer();
    directory = await temporaryDirectory('elsewhere');
    charts = await server.createRepository('acme/charts', {
      files: {
        'web/Chart.yaml': 'name: web\n',
        'web/charts/cache/values.yaml': 'size: 1\n',
        'web/values.yaml': 'image: {repository: ghcr.io/acme/shop, tag: ""}\n',
      },
    });
    await promisify(execFile)('git', ['tag', '-m', 'a release', 'v1.0.0'], {
      cwd: charts.directory,
      env: { ...process.env, GIT_COMMITTER_NAME: 'Pat', GIT_COMMITTER_EMAIL: 'pat@example.com' },
    });
    // The branch goes on without the chart.
    await charts.commit({ files: { 'web/values.yaml': 'image: {repository: ghcr.io/acme/other}\n' }, message: 'Next' });
  });
  after(async () => {
    await server.stop();
    await directory.remove();
  });

  const remoteOf = ({ url }: Repository) => ({ url, username: server.user, password: server.password });

  async function promoted(revision: string, op: 'push' | 'inspect' = 'push') {
    const deploy = await server.createRepository(`acme/deploy-${++count}`, { files: { 'env/dev.yaml': values } });
    const elsewhere = { repository: charts.url, revision };
    const source = { type: 'Helm', path: 'web', elsewhere, valueFiles: ['$values/env/dev.yaml'], refs: { values: {} } };
    const part = {
      ...{ id: `t/dev/${count}/0`, ticket: 't', track: 'shop', station: 'dev', branch: 'refs/heads/main' },
      applications: [
        { namespace: 'argocd', name: 'shop-dev', sources: [source], image, runs: ['ghcr.io/acme/shop:1.0.0'] },
      ],
      ...{ protectedSources: [], requestedAt: new Date().toISOString() },
    };
    const handler = new JobHandler(join(directory.path, `${count}`));
    const job = {
      ...{ op, remote: remoteOf(deploy), elsewhere: [{ ...elsewhere, remote: remoteOf(charts) }] },
      ...(op === 'inspect'
        ? { part }
        : { parts: [part], branch: part.branch, author: { name: 'K8sTA', email: 'k8sta@localhost' } }),
    };
    const answer = (await handler.handle(job as Job, progress)) as { is: string; message?: string }[];
    return { answer: [answer].flat()[0], text: await deploy.read('env/dev.yaml') };
  }

  it('is read at a tag, a commit or a branch, and the tag is edited in the repository of the Station', async () => {
    const old = (await charts.log()).find(({ subject }) => subject === 'First commit')?.sha ?? '';
    for (const revision of ['v1.0.0', old]) {
      const { answer, text } = await promoted(revision);
      assert.equal(answer?.is, 'pushed', JSON.stringify(answer));
      assert.equal(text, 'image:\n  tag: 2.0.0\n', revision);
    }
    const { answer } = await promoted('main');
    assert.match(answer?.message ?? '', /none of its values has it as a repository/, 'the branch names another image');
    assert.equal((await promoted('v1.0.0', 'inspect')).answer?.is, 'ready');
  });

  it('is looked up again after a minute, and not before', async () => {
    const other = await server.createRepository('acme/moving', { files: { 'Chart.yaml': 'name: web\n' } });
    const place = { repository: other.url, revision: 'main', remote: remoteOf(other) };
    let now = 0;
    const elsewhere = new Elsewhere(new Mirror(join(directory.path, 'moving')), () => now);
    const part = {} as Part;
    const commitAt = async (ms: number) => {
      now = ms;
      return (await elsewhere.locatedIn([part], [place], progress))[0]?.elsewhere?.[0]?.commit;
    };
    const first = await other.tip();
    assert.equal(await commitAt(0), first);
    const second = await other.commit({ files: { 'Chart.yaml': 'name: api\n' }, message: 'Next' });
    assert.deepEqual([await commitAt(59_999), await commitAt(60_000)], [first, second]);
  });

  it('is unknown where the repository does not have the revision', async () => {
    const { answer, text } = await promoted('v9.9.9');
    assert.match(answer?.message ?? '', /runs ghcr.io\/acme\/shop:1.0.0, but/);
    assert.equal(text, values);
  });
});
