import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@k8sta/sandbox';
import { loadTracks } from '@k8sta/tracks';

const root = fileURLToPath(new URL('..', import.meta.url));

async function documents(): Promise<string[]> {
  const inRoot = (await readdir(root)).filter((name) => name.endsWith('.md'));
  const inDocs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));
  return [...inRoot, ...inDocs.map((name) => join('docs', name))];
}

describe('a document', () => {
  it('links to files that are there, and names tests that are', async () => {
    for (const document of await documents()) {
      const text = await readFile(join(root, document), 'utf8');
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) =>
        join(dirname(document), link),
      );
      const named = [...text.matchAll(/`((?:libs|services|test|demo|docs|scripts)\/[\w./-]+\.\w+)`/g)].map(
        ([, path = '']) => path,
      );
      for (const path of [...links, ...named]) assert.ok(existsSync(join(root, path)), `${document} names ${path}`);
    }
  });

  it('shows commands that package.json knows', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    for (const document of await documents()) {
      const text = await readFile(join(root, document), 'utf8');
      for (const [, name = ''] of text.matchAll(/\bnpm run ([\w:-]+)/g))
        assert.ok(scripts[name], `${document}: ${name}`);
    }
  });

  it('the README shows a tracks file that loads', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const [, yaml = ''] = /```yaml\n(# yaml-language-server[\s\S]*?)```/.exec(readme) ?? [];
    const directory = await temporaryDirectory('readme');
    await writeFile(join(directory.path, 'tracks.yaml'), yaml);
    const [track] = await loadTracks([directory.path]);
    await directory.remove();
    assert.deepEqual(
      track?.stations.map(({ name }) => name),
      ['dev', 'stage', 'prod'],
    );
  });
});
