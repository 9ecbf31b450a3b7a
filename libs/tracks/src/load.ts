import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileReason } from '@k8sta/text';
import { type Fault, TracksError } from './fault.js';
import { parseTracks } from './parse.js';
import type { TracksFile } from './source.js';
import type { Track } from './track.js';

/**
 * Loads the Tracks from these files, and from the `*.yaml` and `*.yml` files directly in these directories.
 * Throws a {@link TracksError} that lists all faults.
 */
export async function loadTracks(paths: readonly string[]): Promise<Track[]> {
  const faults: Fault[] = [];
  const files = new Map<string, TracksFile>();
  const refuse = (file: string) => (error: NodeJS.ErrnoException) => {
    faults.push({ file, message: `cannot be read: ${fileReason(error)}` });
    return undefined;
  };
  if (paths.length === 0)
    throw new TracksError([{ file: 'K8STA_TRACKS', message: 'must name at least one file or directory' }]);
  for (const path of paths) {
    for (const file of (await filesAt(path).catch(refuse(path))) ?? []) {
      const text = await readFile(file, 'utf8').catch(refuse(file));
      // A path may name a file that another path names by its directory.
      if (text !== undefined) files.set(resolve(file), { path: file, text });
    }
  }
  const parsed = parseTracks([...files.values()], { allRead: faults.length === 0 });
  if ('faults' in parsed) faults.push(...parsed.faults);
  if (faults.length > 0 || 'faults' in parsed) throw new TracksError(faults);
  return parsed.tracks;
}

async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  // Selected by name only: in a mounted ConfigMap each file is a symbolic link, and the hidden entries are directories.
  const names = (await readdir(path)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  if (names.length === 0) throw new Error('the directory contains no *.yaml or *.yml file');
  return names.map((name) => join(path, name));
}
