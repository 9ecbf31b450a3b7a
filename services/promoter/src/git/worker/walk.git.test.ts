import assert from 'node:assert/strict';
import { join } from 'node:path';
import { git, type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import nodegit, { type Repository } from 'nodegit';
import { type Walk, walkOf } from './walk.js';

describe('a walk through a history', () => {
  let directory: TemporaryDirectory;
  let path: string;
  let repository: Repository;
  let count = 0;

  before(async () => {
    directory = await temporaryDirectory('walk');
  });
  beforeEach(async () => {
    path = join(directory.path, `${++count}`);
    await git(['init', '--quiet', '--bare', path], { directory: directory.path });
    await commit('main', { from: 1, to: 100 });
    repository = await nodegit.Repository.openBare(path);
  });
  after(() => directory.remove());

  it('goes on from a newer tip without reading again what it has read', async () => {
    const walk = await readAll('main');
    await commit('main', { from: 101, to: 140, parents: ['refs/heads/main'] });
    const next = await walkOf(repository, undefined, await tipOf('main'));
    assert.equal(next, walk);
    assert.deepEqual(shas(next), await listed('main'));
    assert.equal(next.commits[0]?.promotion, 'part-140');
    assert.equal(next.commits[0]?.timeMs, 140_000);
  });

  it('goes on with the older commits after that', async () => {
    const walk = await walkOf(repository, undefined, await tipOf('main'));
    await walk.more();
    await commit('main', { from: 101, to: 103, parents: ['refs/heads/main'] });
    const next = await walkOf(repository, undefined, await tipOf('main'));
    assert.equal(next, walk);
    assert.equal(next.commits.length, 67);
    while (await next.more());
    assert.deepEqual(shas(next), await listed('main'));
  });

  it('sorts in the commits of a merged branch', async () => {
    await commit('main', { from: 110, to: 120, parents: ['refs/heads/main'] });
    const walk = await readAll('main');
    await commit('side', { from: 101, to: 105, parents: ['refs/heads/main~11'] });
    await commit('main', { from: 130, to: 130, parents: ['refs/heads/main', 'refs/heads/side'] });
    const next = await walkOf(repository, undefined, await tipOf('main'));
    assert.equal(next, walk);
    assert.deepEqual(shas(next), await listed('main'));
  });

  it('starts again when a merged branch is older than what it has read', async () => {
    await commit('side', { from: 11, to: 11, parents: ['refs/heads/main~90'] });
    const walk = await walkOf(repository, undefined, await tipOf('main'));
    await walk.more();
    await commit('main', { from: 130, to: 130, parents: ['refs/heads/main', 'refs/heads/side'] });
    const next = await readAll('main');
    assert.notEqual(next, walk);
    assert.deepEqual(shas(next), await listed('main'));
  });

  it('starts again when the branch was rewritten', async () => {
    const walk = await readAll('main');
    await commit('main', { from: 200, to: 210, parents: ['refs/heads/main~50'] });
    const next = await readAll('main');
    assert.notEqual(next, walk);
    assert.deepEqual(shas(next), await listed('main'));
  });

  it('starts again for another base', async () => {
    const [base, other, tip] = await Promise.all(['main~10', 'main~20', 'main'].map(tipOf));
    const walk = await walkOf(repository, base, `${tip}`);
    while (await walk.more());
    assert.equal(walk.commits.length, 10);
    const next = await walkOf(repository, other, `${tip}`);
    while (await next.more());
    assert.equal(next.commits.length, 20);
  });

  /** Commits on a branch, one for each second. */
  async function commit(
    branch: string,
    { from, to, parents = [] }: { from: number; to: number; parents?: string[] },
  ): Promise<void> {
    const [first, ...merged] = await Promise.all(parents.map(tipOf));
    const lines: string[] = [];
    for (let at = from; at <= to; at++) {
      const message = `Commit ${at} on ${branch}\n\nK8sTA-Promotion: part-${at}\n`;
      lines.push(`commit refs/heads/${branch}`, `committer Pat <pat@example.com> ${at} +0000`);
      lines.push(`data ${message.length}`, message);
      if (at > from) continue;
      if (first !== undefined) lines.push(`from ${first}`);
      for (const parent of merged) lines.push(`merge ${parent}`);
    }
    await git(['fast-import', '--quiet', '--force', '--done'], {
      directory: path,
      input: `${lines.join('\n')}\ndone\n`,
    });
  }

  async function tipOf(name: string): Promise<string> {
    return (await git(['rev-parse', name], { directory: path })).trim();
  }

  async function listed(branch: string): Promise<string[]> {
    return (await git(['rev-list', branch], { directory: path })).trim().split('\n');
  }

  async function readAll(branch: string): Promise<Walk> {
    const walk = await walkOf(repository, undefined, await tipOf(branch));
    while (await walk.more());
    return walk;
  }

  function shas({ commits }: Walk): string[] {
    return commits.map(({ sha }) => sha);
  }
});
