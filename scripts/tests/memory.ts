import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface MemoryOptions {
  /** Where the system keeps files in memory. */
  readonly at?: string;
  /** The room that the files of all tests need at the same time; the test of the image needs most of it. */
  readonly bytes?: number;
}

/**
 * A new folder in memory for the files of tests; undefined if the system has no room for them there, or runs no program from there.
 * In a folder on disk, tests with servers cost a tenth more CPU time: ext4 looks for a free inode among all those of the files that
 * were just removed.
 */
export async function folderInMemory({
  at = '/dev/shm',
  bytes = 6e9,
}: MemoryOptions = {}): Promise<string | undefined> {
  const { bavail, bsize } = await statfs(at).catch(() => ({ bavail: 0, bsize: 0 }));
  if (Math.min(bavail * bsize, freemem()) < bytes) return undefined;
  const folder = await mkdtemp(join(at, 'k8sta-tests-'));
  if (await runsPrograms(folder)) return folder;
  await rm(folder, { recursive: true });
  return undefined;
}

/** Tests run hooks of Git from there, and programs that they write. */
async function runsPrograms(folder: string): Promise<boolean> {
  const program = join(folder, 'program');
  try {
    await writeFile(program, '#!/bin/sh\n', { mode: 0o755 });
    await promisify(execFile)(program);
    return true;
  } catch {
    return false;
  } finally {
    await rm(program, { force: true });
  }
}
