import assert from 'node:assert/strict';
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
    afterEach(() => forge.heal());
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

    it('opens one, shows its head, and merges it on the branch', async () => {
      const head = await change('two\n');
      assert.equal((await open()).status, 201);
      assert.equal((await pull(1)).status, 200);
      await pull(1);
      const merged = await merge(1, 'merge', head);
      assert.equal(merged.status, 200, JSON.stringify(merged.json));
      assert.equal(await repository.read('a.txt'), 'two\n');
      const [made] = await forge.pulls(repository.name);
      assert.equal(made?.merged?.commit, await repository.tip());
      assert.deepEqual((await repository.log()).at(-1)?.parents, [(await repository.log())[0]?.sha, head]);
      assert.equal(forge.merges(repository.name), 1);
    });
  });
}
