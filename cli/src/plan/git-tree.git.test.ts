import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PlanFault } from './fault.js';
import { GitObjects } from './git-objects.js';
import { gitTree } from './git-tree.js';
import { World } from './world.fixture.js';

describe('the tree of a local clone', () => {
  const world = new World();
  let objects: GitObjects;
  after(async () => {
    await objects?.close();
    world.remove();
  });

  it('has the files of the commit, byte by byte, and not those of the working directory', async () => {
    const inside = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`many/${at}`, `${at}`]));
    const repository = world.repository('one', {
      ...inside,
      'a/crlf.yaml': '\uFEFFkind: Pod\r\n',
      'a/binary': Buffer.from([0x66, 0xff, 0x00]),
      'a/large': 'x'.repeat(1024 * 1024 + 1),
      'a.b/c': '',
      'ä/ö.yaml': 'umlaut',
    });
    const { directory } = repository;
    symlinkSync('../a.b/c', join(directory, 'a', 'link'));
    repository.git('add', '--all');
    const head = repository.git('rev-parse', 'HEAD');
    repository.git('update-index', '--add', '--cacheinfo', `160000,${head},vendor`);
    repository.git('commit', '--quiet', '--message', 'a link and a submodule');
    repository.write({ 'a/crlf.yaml': 'changed', 'a/new': 'new' });
    objects = new GitObjects(directory);
    const root = await objects.read('refs/heads/main^{tree}', 0);
    const tree = gitTree(objects, root?.id ?? '');

    assert.deepEqual(await tree.entry('a/crlf.yaml'), { is: 'file', text: '\uFEFFkind: Pod\r\n' });
    assert.deepEqual(await tree.entry('a/binary'), { is: 'opaque', why: 'is not UTF-8 text' });
    assert.deepEqual(await tree.entry('a/large'), { is: 'opaque', why: 'has more than 1048576 bytes' });
    assert.deepEqual(await tree.entry('a/link'), { is: 'link', target: '../a.b/c' });
    assert.deepEqual(await tree.entry('vendor'), { is: 'link' });
    assert.deepEqual(await tree.entry('a.b/c'), { is: 'file', text: '' });
    assert.deepEqual(await tree.entry('ä/ö.yaml'), { is: 'file', text: 'umlaut' });
    assert.deepEqual(await tree.entry(''), { is: 'directory' });
    assert.deepEqual(await tree.entry('a'), { is: 'directory' });
    for (const path of ['a/new', 'none', 'a/crlf.yaml/x', 'a/link/x']) assert.equal(await tree.entry(path), undefined);
    assert.deepEqual(await tree.list(''), ['.keep', 'a', 'a.b', 'many', 'vendor', 'ä']);
    assert.deepEqual(await tree.list('a'), ['binary', 'crlf.yaml', 'large', 'link']);
    assert.deepEqual([await tree.list('none'), await tree.list('a/binary')], [[], []]);
    const many = await Promise.all(Object.keys(inside).map((path) => tree.entry(path)));
    assert.deepEqual(
      many.map((each) => (each?.is === 'file' ? each.text : each)),
      Object.values(inside),
      'each answer belongs to its question',
    );
  });

  it('is that of the directory, also where a hook of another repository runs the command', async () => {
    const [ours, other] = ['ours', 'other'].map((name) => world.repository(name, { name }));
    process.env['GIT_DIR'] = join(other?.directory ?? '', '.git');
    const reading = new GitObjects(ours?.directory ?? '');
    delete process.env['GIT_DIR'];
    const root = await reading.read('HEAD^{tree}', 0);
    assert.deepEqual(await gitTree(reading, root?.id ?? '').entry('name'), { is: 'file', text: 'ours' });
    await reading.close();
  });

  it('says which directory is no repository', async () => {
    for (const directory of [world.directory, join(world.directory, 'none')]) {
      const none = new GitObjects(directory);
      await assert.rejects(none.read('HEAD^{tree}', 0), (error) => {
        assert.ok(error instanceof PlanFault);
        assert.match(error.message, /k8sta-plan-\w+(\/none)?: cannot be read as a Git repository: fatal: /);
        return true;
      });
      await none.close();
    }
  });
});
