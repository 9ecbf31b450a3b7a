import assert from 'node:assert/strict';
import type { Repository } from '../../git/repository.js';
import { type GitServer, startGitServer } from '../../git/server.js';
import { ask } from '../forge.fixture.js';
import { type ForgeServer, startForge } from '../start-forge.js';

describe('the stand-in for Gitea', () => {
  let git: GitServer;
  let forge: ForgeServer;
  let repository: Repository;
  let at: string;
  let count = 0;

  before(async () => {
    git = await startGitServer();
    forge = await startForge({ provider: 'gitea', git });
  });
  beforeEach(async () => {
    repository = await forge.createRepository(`acme/config-${++count}`, { files: { 'a.txt': 'a\n' } });
    at = `/repos/${repository.name}`;
  });
  after(async () => {
    await forge.stop();
    await git.stop();
  });

  const change = (branch: string, text: string) =>
    forge.pushToBranch(repository.name, branch, { files: { 'a.txt': text }, message: 'Change a' });
  const open = (head: string, more = {}) =>
    ask(forge, `POST ${at}/pulls`, { head, base: 'main', title: 'Change a', ...more });
  const get = (number: number) => ask(forge, `GET ${at}/pulls/${number}`).then(({ json }) => json);
  const merge = (number: number, wish: object) => ask(forge, `POST ${at}/pulls/${number}/merge`, wish);

  it('cannot be merged while it is checked, and does not say which rule is not met', async () => {
    await forge.setRules(repository.name, { requiredReviews: 1 });
    await change('one', '1\n');
    assert.equal((await open('one')).json.mergeable, false);
    await change('one', '2\n');
    const refused = await merge(1, { Do: 'merge' });
    assert.deepEqual([refused.status, refused.json.message], [405, 'Please try again later']);
    assert.equal((await get(1)).mergeable, true);
    assert.match((await merge(1, { Do: 'merge' })).json.message, /Does not have enough approvals/);
  });

  it('writes the messages of its merges itself, if nobody says them', async () => {
    await change('one', '1\n');
    await open('one');
    await get(1);
    assert.equal((await merge(1, { Do: 'merge' })).status, 200);
    assert.equal((await repository.log()).at(-1)?.message, "Merge pull request 'Change a' (#1) from one into main");
    await change('two', '2\n');
    await open('two');
    await get(2);
    await merge(2, { Do: 'squash', MergeTitleField: 'Ours', MergeMessageField: 'Key: value' });
    assert.deepEqual((await repository.log()).at(-1)?.trailers, { Key: 'value' });
    assert.equal((await get(2)).merge_commit_sha, await repository.tip());
  });

  it('keeps the commits of a rebase that is not needed', async () => {
    const head = await change('one', '1\n');
    await open('one');
    await get(1);
    await merge(1, { Do: 'rebase' });
    assert.equal(await repository.tip(), head);
  });

  it('names the kept ref as the head after the branch is gone', async () => {
    await change('one', '1\n');
    await open('one');
    await get(1);
    await merge(1, { Do: 'merge', delete_branch_after_merge: true });
    const { head } = await get(1);
    assert.deepEqual([head.ref, head.label], ['refs/pull/1/head', 'one']);
  });

  it('answers a merge of a closed one with 404 and of a merged one with 405', async () => {
    await change('one', '1\n');
    await open('one');
    await forge.mergeByPerson(repository.name, 1);
    assert.equal((await merge(1, { Do: 'merge' })).status, 405);
    await change('two', '2\n');
    await open('two');
    await forge.closeByPerson(repository.name, 2, 'bob');
    assert.equal((await merge(2, { Do: 'merge' })).status, 404);
    const timeline = (await ask(forge, `GET ${at}/issues/2/timeline`)).json;
    assert.deepEqual([timeline.at(-1).type, timeline.at(-1).user.login], ['close', 'bob']);
  });

  it('takes labels by id and ignores unknown ones', async () => {
    const label = (await ask(forge, `POST ${at}/labels`, { name: 'k8sta', color: '#00aabb' })).json;
    await change('one', '1\n');
    const { json } = await open('one', { labels: [label.id, 4_711] });
    assert.deepEqual(
      json.labels.map(({ name }: { name: string }) => name),
      ['k8sta'],
    );
    assert.equal((await open('one', { labels: ['k8sta'] })).status, 422);
  });

  it('finds the oldest request of two branches, whatever its state', async () => {
    await change('k8sta/web', '1\n');
    await open('k8sta/web');
    await forge.closeByPerson(repository.name, 1);
    await open('k8sta/web');
    assert.equal((await ask(forge, `GET ${at}/pulls/main/k8sta/web`)).json.number, 1);
  });

  it('has null instead of an empty list of statuses', async () => {
    const sha = await repository.tip();
    const none = (await ask(forge, `GET ${at}/commits/${sha}/status`)).json;
    assert.deepEqual([none.statuses, none.state, none.total_count], [null, '', 0]);
    await ask(forge, `POST ${at}/statuses/${sha}`, { state: 'pending', context: 'k8sta/web/prod' });
    const { json } = await ask(forge, `GET ${at}/commits/${sha}/status`);
    assert.deepEqual([json.state, json.statuses[0].status], ['pending', 'pending']);
  });

  it('pages with its total, at most 50 at a time', async () => {
    for (const name of ['one', 'two', 'three']) {
      await change(name, `${name}\n`);
      await open(name);
    }
    const { json, headers } = await ask(forge, `GET ${at}/pulls?state=all&limit=2&page=2`);
    assert.deepEqual([json.length, headers.get('x-total-count')], [1, '3']);
    assert.match(headers.get('link') ?? '', /rel="prev"/);
  });

  it('refuses unknown reviewers', async () => {
    await change('one', '1\n');
    await open('one');
    const request = (name: string) => ask(forge, `POST ${at}/pulls/1/requested_reviewers`, { reviewers: [name] });
    assert.equal((await request('nobody')).status, 404);
    assert.equal((await request('ann')).status, 201);
  });
});
