import { renameSync } from 'node:fs';
import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Log } from '@k8sta/bus';

export interface MirrorDiskOptions {
  /** The directory of the mirrors. */
  readonly directory: string;
  /** How much disk all mirrors may use together. */
  readonly maxBytes: number;
  /** Makes the processes let go of this mirror; false if a job uses it, or waits for it. */
  readonly release: (mirror: string) => boolean;
  readonly log: Log;
}

interface KnownMirror {
  readonly bytes: number;
  readonly usedAt: number;
}

/** The least time between two looks at the disk. */
const gapMs = 60_000;

/** Mirrors that are being deleted. The names of mirrors do not begin with a dot. */
const removedPrefix = '.removed-';

/**
 * Bounds the disk of all mirrors together: beyond the limit, it removes the mirrors that no job uses, and the one that was
 * used the longest time ago first. A mirror is only a cache and is fetched again when it is needed.
 */
export class MirrorDisk {
  readonly #options: MirrorDiskOptions;
  /** By path; the last entry is the mirror that was used last. */
  readonly #mirrors = new Map<string, KnownMirror>();
  /** Mirrors that a job has used since they were measured. */
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isTooFull = false;

  constructor(options: MirrorDiskOptions) {
    this.#options = options;
  }

  /** Learns of the mirrors of earlier runs. */
  async start(): Promise<void> {
    const { directory } = this.#options;
    const entries = (await readdir(directory, { withFileTypes: true })).filter((each) => each.isDirectory());
    const leftovers = entries.filter(({ name }) => name.startsWith(removedPrefix));
    await Promise.all(leftovers.map(({ name }) => rm(join(directory, name), { recursive: true, force: true })));
    const mirrors = await Promise.all(
      entries
        .filter(({ name }) => !name.startsWith('.'))
        .map(async ({ name }) => ({
          path: join(directory, name),
          usedAt: (await stat(join(directory, name))).mtimeMs,
        })),
    );
    for (const { path, usedAt } of mirrors.sort((one, other) => one.usedAt - other.usedAt)) this.used(path, usedAt);
  }

  /** A job has used this mirror. The disk is looked at soon. */
  used(mirror: string, usedAt = Date.now()): void {
    const bytes = this.#mirrors.get(mirror)?.bytes ?? 0;
    this.#mirrors.delete(mirror);
    this.#mirrors.set(mirror, { bytes, usedAt });
    this.#changed.add(mirror);
    this.#timer ??= setTimeout(() => void this.#sweepSoon(), gapMs).unref();
  }

  async #sweepSoon(): Promise<void> {
    await this.sweep().catch((error: Error) => {
      this.#options.log.warn({ err: error }, 'disk of the mirrors cannot be bounded');
    });
    this.#timer = this.#changed.size > 0 ? setTimeout(() => void this.#sweepSoon(), gapMs).unref() : undefined;
  }

  /** Measures the mirrors that have changed, and removes what is too much. */
  async sweep(): Promise<void> {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const mirror of changed) {
      const bytes = await bytesOf(mirror);
      const known = this.#mirrors.get(mirror);
      if (known) this.#mirrors.set(mirror, { ...known, bytes });
    }
    const { maxBytes, release, log } = this.#options;
    let total = sum(this.#mirrors.values());
    const removals: Promise<void>[] = [];
    // The mirror that was used last stays: without it, a repository that is too large would be fetched for every job.
    for (const [mirror, { bytes, usedAt }] of [...this.#mirrors].slice(0, -1)) {
      if (total <= maxBytes) break;
      if (!release(mirror)) continue;
      removals.push(remove(mirror));
      this.#mirrors.delete(mirror);
      total -= bytes;
      const fields = { mirror: basename(mirror), bytes, lastUsed: new Date(usedAt).toISOString(), total, maxBytes };
      log.info(fields, 'mirror removed to free disk, it is fetched again when it is needed');
    }
    const isTooFull = total > maxBytes;
    if (isTooFull && !this.#isTooFull) log.warn({ total, maxBytes }, 'mirrors in use need more disk than allowed');
    this.#isTooFull = isTooFull;
    await Promise.all(removals);
  }
}

/** Moves it away at once, so that no job can start on a mirror of which half is deleted. */
function remove(mirror: string): Promise<void> {
  const away = join(mirror, '..', `${removedPrefix}${basename(mirror)}`);
  try {
    renameSync(mirror, away);
  } catch (error) {
    // A worker has removed it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Promise.resolve();
    throw error;
  }
  return rm(away, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** The disk that a directory uses: small files need a block each. */
async function bytesOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  // One after the other: nobody waits for this, and jobs need the threads.
  for (const { parentPath, name } of entries) {
    // A job may delete files meanwhile.
    bytes += (await lstat(join(parentPath, name)).catch(() => undefined))?.blocks ?? 0;
  }
  return bytes * 512;
}

function sum(mirrors: Iterable<KnownMirror>): number {
  let total = 0;
  for (const { bytes } of mirrors) total += bytes;
  return total;
}
