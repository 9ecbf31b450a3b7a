import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { basicAuthentication, git as run } from '../../git/command.js';
import { type GitHub, startGitHub } from '../../git/github.js';
import type { Repository } from '../../git/repository.js';
import { type GitServer, startGitServer } from '../../git/server.js';
import { ask } from '../forge.fixture.js';
import { type ForgeServer, startForge } from '../start-forge.js';

describe('the stand-in for GitHub', () => {
  let git: GitServer;
  let app: GitHub;
  let forge: ForgeServer;
  let repository: Repository;
  let at: string;
  let count = 0;

  before(async () => {
    git = await startGitServer();
    app = await startGitHub();
    forge = await startForge({ provider: 'github', git, app });
  });
  beforeEach(async () => {
    repository = await forge.createRepository(`acme/config-${++count}`, { files: { 'a.txt': 'a\n' } });
    at = `/repos/${repository.name}`;
  });
  after(async () => {
    await forge.stop();
    await app.stop();
    await git.stop();
  });

  const change = (branch: string, text: string, message = `Change a\n\nWhy: ${text}`) =>
    forge.pushToBranch(repository.name, branch, { files: { 'a.txt': text }, message });
  const open = (head: string, more = {}) =>
    ask(forge, `POST ${at}/pulls`, { head, base: 'main', title: head, ...more });
  const merge = (number: number, wish: object) => ask(forge, `PUT ${at}/pulls/${number}/merge`, wish);
  const last = async () => (await repository.log()).at(-1);

  it('does not know at once whether it can merge, and makes a commit to find out', async () => {
    await change('one', '1\n');
    const opened = (await open('one')).json;
    assert.deepEqual([opened.mergeable, opened.mergeable_state], [null, 'unknown']);
    assert.equal((await ask(forge, `GET ${at}/pulls/1`)).json.mergeable, null);
    const { json } = await ask(forge, `GET ${at}/pulls/1`);
    assert.deepEqual([json.mergeable, json.mergeable_state, json.merged], [true, 'clean', false]);
    // A trap: this is the test merge, which is on no branch.
    assert.match(json.merge_commit_sha, /^[0-9a-f]{40}$/);
    assert.notEqual(json.merge_commit_sha, await repository.tip());
    await change('one', '2\n');
    assert.equal((await ask(forge, `GET ${at}/pulls/1`)).json.mergeable, null);
  });

  it('names what is missing: blocked, behind, draft, dirty', async () => {
    const state = async (number: number) => {
      await ask(forge, `GET ${at}/pulls/${number}`);
      return (await ask(forge, `GET ${at}/pulls/${number}`)).json.mergeable_state;
    };
    const head = await change('one', '1\n');
    await open('one');
    await forge.reportCheck(repository.name, head, { name: 'lint', state: 'pending' });
    assert.equal(await state(1), 'unstable');
    await forge.setRules(repository.name, { requiredChecks: ['build'], mustBeUpToDate: true });
    assert.equal(await state(1), 'blocked');
    const refused = await merge(1, {});
    assert.deepEqual([refused.status, refused.json.message], [405, 'Required status check "build" is expected.']);
    await forge.reportCheck(repository.name, head, { name: 'build', state: 'success' });
    await forge.pushToBranch(repository.name, 'main', { files: { 'b.txt': 'b\n' }, message: 'Add b' });
    assert.equal(await state(1), 'behind');
    assert.match((await merge(1, {})).json.message, /^Head branch is out of date/);
    await change('draft', '1\n');
    await open('draft', { draft: true });
    assert.equal(await state(2), 'draft');
    assert.equal((await merge(2, {})).json.message, 'Pull Request is still a draft');
    await forge.pushToBranch(repository.name, 'main', { files: { 'a.txt': 'b\n' }, message: 'Change a' });
    assert.equal(await state(1), 'dirty');
    assert.equal((await merge(1, {})).json.message, 'Pull Request is not mergeable');
  });

  it('writes the messages of its merges itself, if nobody says them', async () => {
    for (const name of ['one', 'two', 'three', 'four']) {
      await forge.pushToBranch(repository.name, name, {
        files: { [name]: '1\n' },
        message: `Add ${name}\n\nTrailer: ${name}`,
      });
    }
    await open('one');
    await merge(1, { merge_method: 'merge' });
    assert.equal((await last())?.message, 'Merge pull request #1 from acme/one\n\none');
    await open('two');
    const { json } = await merge(2, { merge_method: 'squash' });
    assert.deepEqual(await last().then((commit) => [commit?.message, commit?.sha]), [
      'Add two (#2)\n\nTrailer: two',
      json.sha,
    ]);
    await open('three');
    await merge(3, { merge_method: 'squash', commit_title: 'Ours', commit_message: 'Key: value' });
    assert.deepEqual((await last())?.trailers, { Key: 'value' });
    await open('four');
    const head = await repository.tip('four');
    await merge(4, { merge_method: 'rebase' });
    assert.equal((await last())?.message, 'Add four\n\nTrailer: four');
    assert.notEqual((await last())?.sha, head);
  });

  it('makes a new commit of a rebase also if the head was up to date', async () => {
    const head = await change('one', '1\n');
    await open('one');
    const { json } = await merge(1, { merge_method: 'rebase' });
    assert.equal(json.sha, await repository.tip());
    assert.notEqual(json.sha, head);
  });

  it('refuses a method that the repository does not allow', async () => {
    await forge.setRules(repository.name, { methods: ['squash'] });
    await change('one', '1\n');
    await open('one');
    const { status, json } = await merge(1, { merge_method: 'merge' });
    assert.deepEqual([status, json.message], [405, 'Merge commits are not allowed on this repository.']);
  });

  it('says in its own words that there is one already, and no commit', async () => {
    await change('one', '1\n');
    await open('one');
    const [error] = (await open('one')).json.errors;
    assert.equal(error.message, 'A pull request already exists for acme:one.');
    assert.equal((await open('nothing')).json.errors[0].field, 'head');
  });

  it('pages its lists', async () => {
    for (const name of ['one', 'two', 'three']) {
      await change(name, `${name}\n`);
      await open(name);
    }
    const first = await ask(forge, `GET ${at}/pulls?state=all&per_page=2`);
    assert.deepEqual(
      first.json.map(({ number }: { number: number }) => number),
      [3, 2],
    );
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await ask(forge, `GET ${next.slice(forge.api.length)}`);
    assert.deepEqual(
      second.json.map(({ number }: { number: number }) => number),
      [1],
    );
    assert.doesNotMatch(second.headers.get('link') ?? '', /rel="next"/);
    const some = (search: string) => ask(forge, `GET ${at}/pulls?${search}`).then(({ json }) => json.length);
    assert.equal(await some('head=acme:one'), 1);
    assert.equal(await some('head=acme:one&base=other'), 0);
    // A head without its owner is ignored.
    assert.equal(await some('head=one'), 3);
  });

  it('refuses reviewers who are not collaborators, all of them', async () => {
    await change('one', '1\n');
    await open('one');
    const request = (body: object) => ask(forge, `POST ${at}/pulls/1/requested_reviewers`, body);
    assert.match((await request({ reviewers: ['ann', 'nobody'] })).json.message, /is not a collaborator/);
    assert.deepEqual((await request({ reviewers: ['ann'], team_reviewers: ['release'] })).status, 201);
    const { json } = await ask(forge, `GET ${at}/pulls/1`);
    assert.deepEqual([json.requested_reviewers[0].login, json.requested_teams[0].slug], ['ann', 'release']);
  });

  it('says on the issue who closed it', async () => {
    await change('one', '1\n');
    await open('one');
    await forge.closeByPerson(repository.name, 1, 'bob');
    assert.equal((await ask(forge, `GET ${at}/issues/1`)).json.closed_by.login, 'bob');
    const { json } = await ask(forge, `GET ${at}/pulls/1`);
    assert.deepEqual([json.state, json.merged, 'closed_by' in json], ['closed', false, false]);
  });

  it('calls a request merged whose commits reach the base by a push', async () => {
    const head = await change('one', '1\n');
    await open('one');
    await forge.pushToBranch(repository.name, 'one', { files: { 'b.txt': 'b\n' }, message: 'Add b' });
    const [made] = await forge.pulls(repository.name);
    assert.notEqual(made?.commit, head);
    const { user, password } = git;
    const environment = basicAuthentication({ user, password });
    await run(['push', '--quiet', repository.url, 'one:main'], { directory: repository.directory, environment });
    const { json } = await ask(forge, `GET ${at}/pulls/1`);
    assert.deepEqual([json.merged, json.merge_commit_sha], [true, await repository.tip()]);
  });

  it('looks again at a merge by a push if git could not read it', async () => {
    const head = await change('one', '1\n');
    await open('one');
    const { directory } = repository;
    await run(['update-ref', 'refs/heads/main', head], { directory });
    const object = join(directory, 'objects', head.slice(0, 2), head.slice(2));
    await rename(object, `${object}-away`);
    await assert.rejects(ask(forge, `GET ${at}/pulls/1`), /fetch failed/);
    await rename(`${object}-away`, object);
    assert.equal((await ask(forge, `GET ${at}/pulls/1`)).json.merged, true);
  });

  it('keeps check runs and statuses apart, and limits a description', async () => {
    const sha = await repository.tip();
    assert.equal((await ask(forge, `GET ${at}/commits/${sha}/status`)).json.state, 'pending');
    await forge.reportCheck(repository.name, sha, { name: 'build', state: 'running' });
    const runs = await ask(forge, `GET ${at}/commits/${sha}/check-runs`);
    assert.deepEqual([runs.json.total_count, runs.json.check_runs[0].status], [1, 'in_progress']);
    const status = (body: object) => ask(forge, `POST ${at}/statuses/${sha}`, { context: 'k8sta/web/prod', ...body });
    assert.equal((await status({ state: 'pending' })).status, 201);
    assert.equal((await status({ state: 'success' })).status, 201);
    assert.equal((await status({ state: 'success', description: 'x'.repeat(141) })).status, 422);
    const combined = (await ask(forge, `GET ${at}/commits/${sha}/status`)).json;
    assert.deepEqual([combined.state, combined.total_count], ['success', 1]);
    assert.equal((await ask(forge, `POST ${at}/statuses/${'0'.repeat(40)}`, { state: 'success' })).status, 422);
  });

  it('deploys a commit with a failed status only if no contexts are required', async () => {
    const ref = await repository.tip();
    await forge.reportCheck(repository.name, ref, { name: 'build', state: 'failure' });
    const deploy = (more = {}) => ask(forge, `POST ${at}/deployments`, { ref, environment: 'prod', ...more });
    assert.equal((await deploy()).status, 409);
    const first = await deploy({ required_contexts: [], auto_merge: false });
    const second = await deploy({ required_contexts: [] });
    const done = (id: number) => ask(forge, `POST ${at}/deployments/${id}/statuses`, { state: 'success' });
    assert.equal((await done(first.json.id)).status, 201);
    await done(second.json.id);
    const [before, after] = forge.deployments(repository.name);
    const states = () => [before, after].map((made) => made?.statuses.at(-1)?.state);
    assert.deepEqual(states(), ['inactive', 'success']);
    await done(first.json.id);
    assert.deepEqual(states(), ['success', 'success']);
  });

  it('accepts the token of an installation of its App', async () => {
    const seconds = Math.floor(Date.now() / 1_000);
    const jwt = await new SignJWT({ iss: app.appId, iat: seconds - 60, exp: seconds + 540 })
      .setProtectedHeader({ alg: 'RS256' })
      .sign(createPrivateKey(app.privateKey));
    const path = `POST /app/installations/${app.installationId}/access_tokens`;
    assert.equal((await ask(forge, path, {}, { token: 'wrong' })).status, 401);
    app.limit(new Date(1_900_000_000_000));
    const limited = await ask(forge, path, {}, { token: jwt });
    assert.deepEqual([limited.status, limited.headers.get('x-ratelimit-reset')], [403, '1900000000']);
    app.limit(undefined);
    const { token } = (await ask(forge, path, {}, { token: jwt })).json;
    const user = () => ask(forge, 'GET /user', undefined, { token });
    assert.deepEqual(await user().then(({ json }) => [json.login, json.type]), ['k8sta[bot]', 'Bot']);
    app.revoke();
    assert.equal((await user()).status, 401);
  });
});
