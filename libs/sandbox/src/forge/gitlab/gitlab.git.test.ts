import assert from 'node:assert/strict';
import type { Repository } from '../../git/repository.js';
import { type GitServer, startGitServer } from '../../git/server.js';
import { ask } from '../forge.fixture.js';
import { type ForgeServer, startForge } from '../start-forge.js';

describe('the stand-in for GitLab', () => {
  let git: GitServer;
  let forge: ForgeServer;
  let repository: Repository;
  let at: string;
  let count = 0;

  before(async () => {
    git = await startGitServer();
    forge = await startForge({ provider: 'gitlab', git });
  });
  beforeEach(async () => {
    repository = await forge.createRepository(`acme/team/config-${++count}`, { files: { 'a.txt': 'a\n' } });
    at = `/projects/${encodeURIComponent(repository.name)}`;
  });
  after(async () => {
    await forge.stop();
    await git.stop();
  });

  const change = (branch: string, text: string) =>
    forge.pushToBranch(repository.name, branch, { files: { 'a.txt': text }, message: 'Change a' });
  const open = (source_branch: string, more = {}) =>
    ask(forge, `POST ${at}/merge_requests`, { source_branch, target_branch: 'main', title: 'Change a', ...more });
  const get = (iid: number) => ask(forge, `GET ${at}/merge_requests/${iid}`).then(({ json }) => json);
  const merge = (iid: number, wish = {}) => ask(forge, `PUT ${at}/merge_requests/${iid}/merge`, wish);

  it('counts merge requests by their own iid, and finds a project by id and by path', async () => {
    await change('one', '1\n');
    const { json } = await open('one');
    assert.equal(json.iid, 1);
    assert.notEqual(json.id, 1);
    assert.equal((await ask(forge, `GET /projects/${json.project_id}/merge_requests/1`)).json.iid, 1);
    assert.equal((await ask(forge, 'GET /projects/acme%2Fnothing')).json.message, '404 Project Not Found');
  });

  it('checks first, and says then what is missing', async () => {
    const head = await change('one', '1\n');
    assert.equal((await open('one')).json.detailed_merge_status, 'checking');
    const status = async () => {
      await get(1);
      return (await get(1)).detailed_merge_status;
    };
    assert.equal((await get(1)).detailed_merge_status, 'checking');
    assert.equal(await status(), 'mergeable');
    await forge.setRules(repository.name, { requiredChecks: ['build'], requiredReviews: 1 });
    assert.equal(await status(), 'not_approved');
    await forge.approve(repository.name, 1);
    assert.equal(await status(), 'ci_must_pass');
    await forge.reportCheck(repository.name, head, { name: 'build', state: 'running' });
    assert.equal(await status(), 'ci_still_running');
    assert.equal((await get(1)).head_pipeline.status, 'running');
    const refused = await merge(1);
    assert.deepEqual([refused.status, refused.json.message], [405, '405 Method Not Allowed']);
  });

  it('makes a merge commit of a squashed commit, and writes the messages itself', async () => {
    const head = await change('one', '1\n');
    await open('one');
    const squash_commit_message = 'Change a at last';
    const { json } = await merge(1, { squash: true, squash_commit_message, should_remove_source_branch: true });
    const [, squash, last] = await repository.log();
    assert.deepEqual([json.squash_commit_sha, json.merge_commit_sha], [squash?.sha, last?.sha]);
    assert.notEqual(squash?.sha, head);
    assert.equal(squash?.message, squash_commit_message);
    assert.equal(last?.message, `Merge branch 'one' into 'main'\n\nChange a\n\nSee merge request ${repository.name}!1`);
    await assert.rejects(repository.tip('one'));
  });

  it('squashes no single commit that has the message already', async () => {
    const head = await change('one', '1\n');
    await open('one');
    const { json } = await merge(1, { squash: true });
    assert.deepEqual([json.squash_commit_sha, json.merge_commit_sha], [head, await repository.tip()]);
    await forge.setRules(repository.name, { methods: ['squash', 'rebase'] });
    await change('two', '2\n');
    await open('two');
    await forge.pushToBranch(repository.name, 'main', { files: { 'b.txt': 'b\n' }, message: 'Add b' });
    await forge.mergeByPerson(repository.name, 2, { method: 'squash' });
    assert.equal(await repository.read('b.txt'), 'b\n');
  });

  it('merges by fast-forward where the project wants it, and has no merge commit then', async () => {
    await forge.setRules(repository.name, { methods: ['rebase'] });
    const head = await change('one', '1\n');
    await open('one');
    const { json } = await merge(1);
    assert.deepEqual([json.state, json.merge_commit_sha, json.sha], ['merged', null, head]);
    assert.equal(await repository.tip(), head);
    await forge.pushToBranch(repository.name, 'late', { files: { 'b.txt': 'b\n' }, message: 'Add b' });
    await open('late');
    await forge.pushToBranch(repository.name, 'main', { files: { 'c.txt': 'c\n' }, message: 'Add c' });
    await get(2);
    assert.equal((await get(2)).detailed_merge_status, 'need_rebase');
    assert.equal((await merge(2)).status, 405);
  });

  it('names the head in its refusal of another one', async () => {
    const head = await change('one', '1\n');
    await open('one');
    const { status, json } = await merge(1, { sha: '0'.repeat(40) });
    assert.deepEqual([status, json.message], [409, `SHA does not match HEAD of source branch: ${head}`]);
  });

  it('refuses a second merge request with the number of the first', async () => {
    await change('one', '1\n');
    await open('one');
    const { status, json } = await open('one');
    assert.deepEqual(
      [status, json.message],
      [409, ['Another open merge request already exists for this source branch: !1']],
    );
  });

  it('takes reviewers by id and labels as a list or with commas', async () => {
    await change('one', '1\n');
    const [{ id }] = (await ask(forge, 'GET /users?username=Ann')).json;
    assert.deepEqual((await ask(forge, 'GET /users?username=nobody')).json, []);
    const { json } = await open('one', { reviewer_ids: [id, 4_711], labels: 'k8sta, prod' });
    assert.deepEqual([json.reviewers[0].username, json.labels], ['ann', ['k8sta', 'prod']]);
  });

  it('pages with its own headers', async () => {
    for (const name of ['one', 'two', 'three']) {
      await change(name, `${name}\n`);
      await open(name);
    }
    const { json, headers } = await ask(forge, `GET ${at}/merge_requests?per_page=2&order_by=created_at&sort=asc`);
    assert.deepEqual(
      json.map(({ iid }: { iid: number }) => iid),
      [1, 2],
    );
    assert.deepEqual([headers.get('x-next-page'), headers.get('x-total')], ['2', '3']);
    const last = await ask(forge, `GET ${at}/merge_requests?per_page=2&page=2&source_branch=one`);
    assert.deepEqual([last.json, last.headers.get('x-next-page')], [[], '']);
  });

  it('refuses to set a status to what it is', async () => {
    const sha = await repository.tip();
    const set = (state: string) => ask(forge, `POST ${at}/statuses/${sha}`, { state, name: 'k8sta/web/prod' });
    assert.equal((await set('running')).status, 201);
    const again = await set('running');
    assert.equal(again.status, 400);
    assert.match(again.json.message, /^Cannot transition status via :run from :running/);
    assert.equal((await set('success')).status, 201);
    assert.equal((await set('success')).status, 201);
    assert.equal((await ask(forge, `GET ${at}/repository/commits/${sha}/statuses`)).json.length, 1);
    assert.equal((await ask(forge, `POST ${at}/statuses/${'0'.repeat(40)}`, { state: 'success' })).status, 404);
  });

  it('takes the token in either header', async () => {
    const headers = { authorization: '', 'private-token': forge.token };
    assert.equal((await ask(forge, 'GET /user', undefined, { headers })).status, 200);
  });
});
