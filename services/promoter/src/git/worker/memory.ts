import { readFileSync } from 'node:fs';

/** By how much memory may grow before garbage is collected: rarely enough that it costs little of a busy worker's time. */
const growthBytes = 32 * 1024 * 1024;

export interface MemoryOptions {
  /** The bytes in use now. */
  readonly inUse: () => number;
  /** Collects all garbage. */
  readonly collect: () => void;
}

/**
 * The memory of this process. nodegit's objects are small for V8 and large for libgit2: V8 alone would collect them when
 * its own heap grows, which is hundreds of megabytes later.
 */
export class Memory {
  readonly #options: MemoryOptions;
  #collectedAt = 0;

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  /** Called after each job. Returns the bytes in use. */
  check(): number {
    const { inUse, collect } = this.#options;
    const before = inUse();
    if (before < this.#collectedAt + growthBytes) {
      // Memory that was given back to the system may be taken again.
      this.#collectedAt = Math.min(this.#collectedAt, before);
      return before;
    }
    collect();
    this.#collectedAt = inUse();
    return this.#collectedAt;
  }
}

/** Without pages of files: libgit2 maps the packs of large mirrors, and the kernel drops those pages when it needs memory. */
export function anonymousBytes(): number {
  try {
    const kilobytes = /^RssAnon:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.memoryUsage.rss();
}
