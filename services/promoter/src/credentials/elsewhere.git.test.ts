import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitServer, type Repository, startGitServer } from '@k8sta/sandbox';
import { contents, Promoter } from './access.fixture.js';

describe('a repository that a build reads and no commit goes to', () => {
  let deploy: GitServer;
  let charts: GitServer;
  let promoter: Promoter;
  let repository: Repository;
  let chart: Repository;
  let count = 0;

  const login = ({ url, user: username, password }: GitServer) => ({ url, username, password });
  const failure = (reads = chart.url) => promoter.failure(repository.url, reads);
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  before(async () => {
    [deploy, charts, promoter] = [await startGitServer(), await startGitServer(), await Promoter.start()];
    await promoter.secrets.put('deploy', login(deploy));
  });
  beforeEach(async () => {
    promoter.notes.length = 0;
    charts.intercept(undefined);
    await promoter.secrets.put('charts', login(charts));
    repository = await deploy.createRepository(`acme/config-${++count}`, contents);
    chart = await charts.createRepository(`acme/chart-${count}`, { files: { 'Chart.yaml': 'name: web\n' } });
  });
  after(async () => {
    await promoter.stop();
    await charts.stop();
    await deploy.stop();
  });

  /** Answers the first request with this error, in the protocol of Git. */
  function chartsSay(error: string): void {
    const packet = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
    charts.intercept(() => ({
      status: 200,
      headers: { 'Content-Type': 'application/x-git-upload-pack-advertisement' },
      body: `${packet('# service=git-upload-pack\n')}0000${packet(`ERR ${error}`)}`,
    }));
  }

  it('is read with its own credential', async () => {
    assert.equal(await promoter.promote(repository.url, chart.url), await repository.tip());
  });

  it('is not read with a broken Secret, and the message names both', async () => {
    await promoter.secrets.put('charts', { ...login(charts), pasword: 'hunter2' });
    const said = await failure();
    assert.match(said, /^127\.0\.0\.1:\d+\/acme\/chart-\d+ \(read by the build\): the credentials cannot be used: /);
    assert.match(said, /K8STA_GIT_CREDENTIALS: charts\/pasword: is not a key/);
    assert.doesNotMatch(said, /hunter2/);
  });

  it('is the one that a failure names, with the advice about its own credential', async () => {
    await promoter.secrets.put('charts', { ...login(charts), password: 'hunter2' });
    assert.match(await failure(), /\/chart-\d+ \(read by the build\): the Git server did not accept the credentials/);
    await promoter.secrets.put('charts', { password: 'hunter2' });
    assert.match(
      await failure(),
      /\/chart-\d+ \(read by the build\): .* has none for it; K8STA_GIT_CREDENTIALS has faults: charts\/url: is missing$/,
    );
    await promoter.secrets.put('charts', login(charts));
    await promoter.secrets.put('deploy', { ...login(deploy), password: 'hunter2' });
    assert.match(await failure(), /\/config-\d+: the Git server did not accept the credentials/);
    await promoter.secrets.put('deploy', login(deploy));
  });

  it('is the one that a failure names if its server does not answer', async () => {
    const hasty = await Promoter.start({ firstByteMs: 300 });
    await hasty.secrets.put('deploy', login(deploy));
    await hasty.secrets.put('charts', login(charts));
    charts.intercept(() => 'hang');
    const said = await hasty.failure(repository.url, chart.url);
    await hasty.stop();
    assert.match(said, /\/chart-\d+ \(read by the build\): the remote did not answer for 300 ms$/);
  });

  it('does not fail what its build does not read when its server does not answer', async () => {
    const hasty = await Promoter.start({ firstByteMs: 300 });
    await hasty.secrets.put('deploy', login(deploy));
    await hasty.secrets.put('charts', login(charts));
    await hasty.promote(repository.url);
    let other: Promise<string> | undefined;
    let isOver: Promise<string> | undefined;
    charts.intercept(() => {
      other ??= hasty.promote(repository.url);
      return 'hang';
    });
    deploy.intercept(async () => {
      await isOver;
      return undefined;
    });
    isOver = hasty.failure(repository.url, chart.url);
    assert.match(await isOver, /the remote did not answer for 300 ms$/);
    assert.equal(await other, await repository.tip());
    deploy.intercept(undefined);
    await hasty.stop();
  });

  it('has a server whose words are shown without the password', async () => {
    await promoter.secrets.put('charts', { ...login(charts), password: 'hunter2' });
    chartsSay(`hunter2 has expired (Basic ${base64('git:hunter2')})`);
    assert.match(await failure(), /: remote error: \*\*\* has expired \(Basic \*\*\*\)$/);
  });

  it('has a server whose words are shown without the bearer token', async () => {
    await promoter.secrets.put('charts', { url: charts.url, bearerToken: 'hunter2' });
    chartsSay('hunter2 has expired');
    assert.match(await failure(), /: remote error: \*\*\* has expired$/);
  });

  it('has a server whose words are hidden in a note, too', async () => {
    await promoter.secrets.put('charts', { ...login(charts), password: 'hunter2' });
    chartsSay('object not found for hunter2');
    await failure();
    assert.match(promoter.notes.join(), /the mirror cannot be used and is fetched again: .* for \*\*\*$/);
  });

  it('has no place in the words of the other server, which may know its password', async () => {
    await promoter.secrets.put('charts', { ...login(charts), username: 'git' });
    const hook = join(repository.directory, 'hooks', 'pre-receive');
    await mkdir(join(repository.directory, 'hooks'));
    await writeFile(hook, `#!/bin/sh\necho "no ${charts.password} and no ${deploy.password}" >&2\nexit 1\n`, {
      mode: 0o755,
    });
    await assert.rejects(promoter.promote(repository.url, chart.url), (error: Error) => {
      assert.match(
        error.message,
        /"reason":"RefRefused","message":"pre-receive hook declined: no \*\*\* and no \*\*\*/,
      );
      return true;
    });
  });

  it('is named without what its address has before the @', async () => {
    charts.intercept(() => ({ status: 404 }));
    const said = await failure(chart.url.replace('//', '//me:hunter2@'));
    assert.match(said, /^127\.0\.0\.1:\d+\/acme\/chart-\d+ \(read by the build\): the Git server answered 404/);
    assert.doesNotMatch(said, /hunter2|me:/);
  });

  it('needs an ssh key if its address is of ssh, and the message has no password of the address', async () => {
    const said = await failure('ssh://me:hunter2@127.0.0.1/acme/chart');
    assert.match(said, /^127\.0\.0\.1\/acme\/chart \(read by the build\): .*there is no ssh key for ssh:\/\/127/);
    assert.doesNotMatch(said, /hunter2/);
  });

  it('is left out if its address is not that of a Git server', async () => {
    const [one, two] = ['oci://registry.test/charts/web', 'oci://me:hunter2@registry.test/charts/web'];
    assert.equal(await promoter.promote(repository.url, one), await repository.tip());
    assert.equal(await promoter.promote(repository.url, two), await repository.tip());
  });
});
