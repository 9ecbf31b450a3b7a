import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argumentsOf } from '@k8sta/sandbox';
import { checkTracks } from './tracks-check.js';

const main = argumentsOf('@k8sta/cli');

describe('k8sta tracks check', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'k8sta-check-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  const write = (name: string, text: string) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };

  it('lists the Tracks when there is no fault', async () => {
    const file = write(
      'good.yaml',
      'tracks:\n- name: a\n  images: [{repository: acme/a}]\n  stations: [{name: dev, applications: [a]}, {name: prod, applications: [b]}]\n',
    );
    assert.deepEqual(await checkTracks([file]), { code: 0, output: 'a: dev -> prod\n1 Track, no faults\n' });
  });

  it('lists all faults of all files, each with file, line and column', () => {
    const one = write('one.yaml', 'tracks:\n- name: A\n  images: [{repository: acme/a}]\n  stations: []\n');
    const two = write('two.yaml', 'tracks: [{name: b, imagse: []}]\n');
    const args = [...main, 'tracks', 'check', one, two, join(directory, 'none.yaml')];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`^${one}:2:9: `, 'm'));
    assert.match(stderr, new RegExp(`^${one}:4:13: `, 'm'));
    assert.match(stderr, new RegExp(`^${two}:1:20: .*imagse`, 'm'));
    assert.match(stderr, /none\.yaml: cannot be read: it does not exist$/m);
    assert.match(stderr, /\n\d+ faults\n$/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });

  it('lists what Tracks in different files get wrong about each other', async () => {
    const gates = 'gates: {after: [b/prod]}';
    const one = write(
      'a.yaml',
      `tracks:\n- name: a\n  images: [{repository: acme/a}]\n  stations: [{name: dev, applications: [a], ${gates}}, {name: world, tracks: [b]}]\n`,
    );
    const two = write('b.yaml', 'tracks:\n- name: b\n  stations: [{name: prod, applications: [b]}]\n');
    const circle = 'a/dev waits for b/prod, b/prod is opened by a/world, a/world comes after a/dev';
    const output = `${one}:4:61: no Ticket could ever pass: ${circle}\n1 fault\n`;
    assert.deepEqual(await checkTracks([one, two]), { code: 1, output });
  });
});
