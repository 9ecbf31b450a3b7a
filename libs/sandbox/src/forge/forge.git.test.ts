import assert from 'node:assert/strict';
import { basicAuthentication, git as command } from '../git/command.js';
import type { Repository } from '../git/repository.js';
import { type GitServer, startGitServer } from '../git/server.js';
import { ask, callsOf, type Got } from './forge.fixture.js';
import { type ForgeServer, startForge } from './start-forge.js';

for (const provider of ['github', 'gitlab', 'gitea'] as const) {
  describe(`the stand-in for ${provider}: pull requests`, () => {
    let git: GitServer;
    let forge: ForgeServer;
    let repository: Repository;
    let count = 0;
    const calls = callsOf[provider];

    before(async () => {
      git = await startGitServer();
      forge = await startForge({ provider, git });
    });
    beforeEach(async () => {
      repository = await forge.createRepository(`acme/config-${++count}`, {
        files: { 'a.txt': 'a\n', 'b.txt': 'b\n' },
      });
    });
    afterEach(() => {
      forge.heal();
      forge.forbid([]);
    });
    after(async () => {
      await forge.stop();
      await git.stop();
    });

    const pull = (number: number): Promise<Got> => ask(forge, ...calls.get(repository.name, number));
    const merge = (number: number, method: 'merge' | 'squash' | 'rebase' = 'merge', sha?: string): Promise<Got> =>
      ask(forge, ...calls.merge(repository.name, number, method, sha));
    const change = (text: string, branch = 'k8sta/web/prod/t1') =>
      forge.pushToBranch(repository.name, branch, { files: { 'a.txt': text }, message: `Change a to ${text.trim()}` });
    const open = (branch = 'k8sta/web/prod/t1'): Promise<Got> =>
      ask(forge, ...calls.open(repository.name, branch, 'Change a'));

    /** The state as each of the three says it: the second look has what the first started to find out. */
    async function stateOf(number: number): Promise<string> {
      const { json } = await pull(number);
      return json.merged ? 'merged' : String(json.state);
    }

    it('opens one, shows its head, and merges it on the branch', async () => {
      const head = await change('two\n');
      assert.equal((await open()).status, 201);
      await pull(1);
      const { json } = await pull(1);
      assert.equal(provider === 'gitlab' ? json.sha : json.head.sha, head);
      const merged = await merge(1, 'merge', head);
      assert.equal(merged.status, 200, JSON.stringify(merged.json));
      assert.equal(await repository.read('a.txt'), 'two\n');
      const [first, , last] = await repository.log();
      assert.deepEqual(last?.parents, [first?.sha, head]);
      const [made] = await forge.pulls(repository.name);
      assert.equal(made?.merged?.commit, last?.sha);
      assert.equal(await stateOf(1), 'merged');
      assert.equal(forge.merges(repository.name), 1);
      assert.notEqual((await merge(1)).status, 200);
      assert.equal(forge.merges(repository.name), 1);
    });

    it('squashes two commits into one', async () => {
      await change('two\n');
      await change('three\n');
      await open();
      await pull(1);
      assert.equal((await merge(1, 'squash')).status, 200);
      assert.equal(await repository.read('a.txt'), 'three\n');
      // GitLab makes a merge commit of the squashed one.
      assert.equal((await repository.log()).length, provider === 'gitlab' ? 3 : 2);
    });

    it('refuses a conflict, and merges a new request from the new tip', async () => {
      await change('two\n');
      await open();
      await repository.commit({ files: { 'a.txt': 'other\n' }, message: 'Change a first' });
      await pull(1);
      const shown = (await pull(1)).json;
      assert.ok(shown.mergeable === false || shown.has_conflicts === true, JSON.stringify(shown));
      assert.equal((await merge(1)).status, 405);
      assert.equal(await repository.read('a.txt'), 'other\n');
      await assert.rejects(forge.mergeByPerson(repository.name, 1), /conflict/);
      await forge.deleteBranch(repository.name, 'k8sta/web/prod/t1');
      await change('two\n', 'k8sta/web/prod/t1.2.0');
      await open('k8sta/web/prod/t1.2.0');
      await pull(2);
      assert.equal((await merge(2)).status, 200);
    });

    it('refuses to merge a head that moved', async () => {
      const head = await change('two\n');
      await open();
      const moved = await change('three\n');
      await pull(1);
      assert.equal((await merge(1, 'merge', head)).status, 409);
      assert.equal((await merge(1, 'merge', moved)).status, 200);
    });

    it('refuses a second open request for the same branches', async () => {
      await change('two\n');
      await open();
      const { status, json } = await open();
      assert.equal(status, provider === 'github' ? 422 : 409);
      assert.match(JSON.stringify(json), /already exists/);
      await ask(forge, ...calls.close(repository.name, 1));
      assert.equal((await open()).status, 201);
      assert.equal((await forge.pulls(repository.name)).length, 2);
    });

    it('closes a request whose branch is deleted by a push', async () => {
      await change('two\n');
      await open();
      const { user, password } = git;
      const environment = basicAuthentication({ user, password });
      const heads = 'refs/heads/k8sta/web/prod/t1';
      await command(['push', '--quiet', repository.url, `:${heads}`], { directory: repository.directory, environment });
      assert.match(await stateOf(1), /closed/);
      const [made] = await forge.pulls(repository.name);
      assert.equal(made?.closed?.by, forge.bot);
      // Its commit is still there.
      const kept = provider === 'gitlab' ? 'refs/merge-requests/1/head' : 'refs/pull/1/head';
      assert.equal(await repository.read('a.txt', kept), 'two\n');
    });

    it('does not call a request merged whose branch is reset to the base', async () => {
      await change('two\n');
      await open();
      const { directory } = repository;
      await command(['update-ref', 'refs/heads/k8sta/web/prod/t1', 'refs/heads/main'], { directory });
      assert.equal(await stateOf(1), { github: 'closed', gitlab: 'opened', gitea: 'open' }[provider]);
    });

    it('keeps to the rules of the repository', async () => {
      await forge.setRules(repository.name, { requiredChecks: ['build'], requiredReviews: 1 });
      const head = await change('two\n');
      await open();
      await pull(1);
      assert.equal((await merge(1)).status, 405);
      await forge.reportCheck(repository.name, head, { name: 'build', state: 'success' });
      assert.equal((await merge(1)).status, 405);
      await forge.approve(repository.name, 1, 'bob');
      assert.equal((await merge(1)).status, 200);
    });

    it('refuses a head without the tip of its base, if the repository says so', async () => {
      await forge.setRules(repository.name, { mustBeUpToDate: true });
      await change('two\n');
      await open();
      await repository.commit({ files: { 'b.txt': 'other\n' }, message: 'Change b' });
      await pull(1);
      const refused = await merge(1);
      assert.equal(refused.status, provider === 'github' ? 409 : 405, JSON.stringify(refused.json));
    });

    it('refuses a push to a protected branch, and merges into it', async () => {
      await forge.setRules(repository.name, { protectedBranches: ['main'] });
      const head = await change('two\n');
      const { user, password } = git;
      const environment = basicAuthentication({ user, password });
      const push = command(['push', repository.url, `${head}:refs/heads/main`], {
        directory: repository.directory,
        environment,
      });
      await assert.rejects(push, /protected branch/i);
      await open();
      await pull(1);
      assert.equal((await merge(1)).status, 200);
      assert.equal(await repository.read('a.txt'), 'two\n');
    });

    it('deletes the branch after the merge, if the repository says so', async () => {
      await forge.setRules(repository.name, { deletesBranchAfterMerge: true });
      await change('two\n');
      await open();
      await forge.mergeByPerson(repository.name, 1, { by: 'bob', method: 'squash' });
      await assert.rejects(repository.tip('k8sta/web/prod/t1'));
      const { json } = await pull(1);
      assert.equal((json.merged_by.login ?? json.merged_by.username) as string, 'bob');
    });

    it('rebases by a person onto the branch without a merge commit', async () => {
      await change('two\n');
      await change('three\n');
      await open();
      await repository.commit({ files: { 'b.txt': 'other\n' }, message: 'Change b' });
      await forge.mergeByPerson(repository.name, 1, { method: 'rebase' });
      const log = await repository.log();
      assert.deepEqual(
        log.map(({ subject }) => subject),
        ['First commit', 'Change b', 'Change a to two', 'Change a to three'],
      );
      assert.ok(log.slice(1).every(({ parents }) => parents.length === 1));
      assert.equal(log.at(-1)?.author.name, 'ann');
    });

    it('drops a request before the work, or loses the answer after it', async () => {
      await change('two\n');
      forge.fail({ is: 'drop' }, { method: 'POST', path: /merge|pulls/ });
      await assert.rejects(open(), /fetch failed/);
      assert.equal((await forge.pulls(repository.name)).length, 0);
      forge.fail({ is: 'loseAnswer' }, { method: 'POST' });
      await assert.rejects(open(), /fetch failed/);
      assert.equal((await forge.pulls(repository.name)).length, 1);
    });

    it('hangs, answers late, and answers with a status of the test', async () => {
      const user = 'GET /user';
      forge.fail({ is: 'hang' });
      const signal = AbortSignal.timeout(50);
      await assert.rejects(fetch(`${forge.api}/user`, { signal }), /timeout|aborted/);
      forge.fail({ is: 'delay', ms: 1 });
      forge.fail({ is: 'status', status: 502 }, { times: 2 });
      assert.equal((await ask(forge, user)).status, 200);
      assert.equal((await ask(forge, user)).status, 502);
      assert.equal((await ask(forge, user)).status, 502);
      assert.equal((await ask(forge, user)).status, 200);
      forge.intercept(({ path }) => (path === '/user' ? { is: 'status', status: 500 } : undefined));
      assert.equal((await ask(forge, user)).status, 500);
      assert.deepEqual(
        forge.requests.slice(-2).map(({ method, path }) => `${method} ${path}`),
        [user, user],
      );
    });

    it('says how long to wait', async () => {
      forge.fail({ is: 'rateLimit', resetAt: new Date(Date.now() + 60_000) });
      const first = await ask(forge, 'GET /user');
      assert.equal(first.status, provider === 'github' ? 403 : 429);
      const says = provider === 'github' ? 'x-ratelimit-reset' : 'retry-after';
      assert.ok(Number(first.headers.get(says)) > 0);
      forge.fail({ is: 'secondaryLimit', retryAfterS: 7 });
      const second = await ask(forge, 'GET /user');
      assert.equal(second.headers.get('retry-after'), '7');
      assert.ok([403, 429].includes(second.status));
    });

    it('refuses a wrong token, no token, and a token that lacks something', async () => {
      assert.equal((await ask(forge, 'GET /user', undefined, { token: 'wrong' })).status, 401);
      assert.equal((await fetch(`${forge.api}/user`)).status, 401);
      await change('two\n');
      forge.forbid(['pulls']);
      const refused = await open();
      assert.equal(refused.status, 403);
      assert.match(JSON.stringify(refused.json), /Resource not accessible|insufficient_scope|required scope/);
      forge.forbid(['read']);
      assert.equal((await open()).status, 404);
      forge.forbid([]);
      assert.equal((await open()).status, 201);
    });

    it('says 304 to a client that has the answer already', async () => {
      const { headers } = await ask(forge, 'GET /user');
      const etag = headers.get('etag') ?? '';
      const again = await ask(forge, 'GET /user', undefined, { headers: { 'if-none-match': etag } });
      assert.equal(again.status, 304);
    });

    it('opens no request for a branch that is not there, or that has nothing new', async () => {
      assert.ok((await open('nothing')).status >= 400);
      await forge.pushToBranch(repository.name, 'same', { files: { 'a.txt': 'x\n' }, message: 'Change' });
      await command(['update-ref', 'refs/heads/same', 'refs/heads/main'], { directory: repository.directory });
      assert.ok((await open('same')).status >= 400);
    });
  });
}
