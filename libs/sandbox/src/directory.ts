import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './exit.js';

export interface TemporaryDirectory {
  path: string;
  remove(): Promise<void>;
}

/** A new folder in the system's temporary folder. `remove()` deletes it, and so does the exit of this process. */
export async function temporaryDirectory(name: string): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), `k8sta-${name}-`));
  const forget = atExit(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    async remove() {
      // With retries, because a process that was just killed may still write its last file.
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      forget();
    },
  };
}
