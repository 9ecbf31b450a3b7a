import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import { TracksError } from './fault.js';
import { loadTracks } from './load.js';

describe('loadTracks', () => {
  let directory: TemporaryDirectory;
  const at = (...names: string[]) => join(directory.path, ...names);
  const write = async (name: string, track: string) => {
    const stations = `[{name: dev, applications: [${track}]}]`;
    await writeFile(at(name), `tracks: [{name: ${track}, images: [{repository: acme/app}], stations: ${stations}}]\n`);
  };
  const namesIn = async (...paths: string[]) => (await loadTracks(paths)).map(({ name }) => name);

  beforeEach(async () => {
    directory = await temporaryDirectory('tracks');
  });
  afterEach(() => directory.remove());

  it('reads files, and the YAML files of directories in alphabetical order', async () => {
    await mkdir(at('more'));
    await write('one.txt', 'one');
    await write('more/b.yml', 'b');
    await write('more/a.yaml', 'a');
    await write('more/.hidden.yaml', 'hidden');
    await write('more/README.md', 'readme');
    assert.deepEqual(await namesIn(at('one.txt'), at('more')), ['one', 'a', 'b']);
  });

  it('reads a mounted ConfigMap, whose files are symbolic links', async () => {
    await mkdir(at('..data'));
    await write('..data/tracks.yaml', 'linked');
    await symlink(at('..data', 'tracks.yaml'), at('tracks.yaml'));
    assert.deepEqual(await namesIn(directory.path), ['linked']);
  });

  it('reads a file only once if it is named twice', async () => {
    await write('a.yaml', 'a');
    assert.deepEqual(await namesIn(directory.path, at('a.yaml')), ['a']);
  });

  it('lists all faults, of unreadable files and of the others', async () => {
    await mkdir(at('empty'));
    await mkdir(at('odd'));
    await mkdir(at('odd', 'folder.yaml'));
    await write('bad.yaml', 'Bad');
    const loading = loadTracks([at('nowhere.yaml'), at('empty'), at('odd'), at('bad.yaml')]);
    const error = await loading.then(
      () => assert.fail('it loaded'),
      (fault: unknown) => fault,
    );
    assert.ok(error instanceof TracksError);
    assert.equal(
      error.message.replaceAll(directory.path, ''),
      `the tracks files have 5 faults:
  /nowhere.yaml: cannot be read: it does not exist
  /empty: cannot be read: the directory contains no *.yaml or *.yml file
  /odd/folder.yaml: cannot be read: it is a directory
  /bad.yaml:1:17: "name" must be a DNS label: lower-case letters, digits and "-", at most 63, beginning and ending with a letter or digit
  /bad.yaml:1:94: an Application must be a Kubernetes name, or namespace/name`,
    );
  });

  it('refuses an empty list of paths', async () => {
    await assert.rejects(loadTracks([]), /K8STA_TRACKS: must name at least one file/);
  });
});
