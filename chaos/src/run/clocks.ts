import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@k8sta/sandbox';
import type { Replica } from '../plan/blow.js';

const preload = new URL('../../clock.mjs', import.meta.url);

/** The wall clocks of the services, each of which can be set forward or back while the service runs. */
export class Clocks {
  readonly #directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  readonly #offMs = new Map<Replica, number>();

  static async of(replicas: readonly Replica[]): Promise<Clocks> {
    const clocks = new Clocks(await temporaryDirectory('clocks'));
    for (const replica of replicas) await clocks.#set(replica, 0);
    return clocks;
  }

  private constructor(directory: Awaited<ReturnType<typeof temporaryDirectory>>) {
    this.#directory = directory;
  }

  /** The variables of a replica whose clock can be set. */
  environmentOf(replica: Replica): Record<string, string> {
    return { NODE_OPTIONS: `--import=${preload.href}`, CHAOS_CLOCK: this.#fileOf(replica) };
  }

  /** Wrong by so many milliseconds more until `end` resolves. */
  async jump(replicas: readonly Replica[], byMs: number, end: Promise<void>): Promise<void> {
    await this.#add(replicas, byMs);
    await end;
    await this.#add(replicas, -byMs);
  }

  remove(): Promise<void> {
    return this.#directory.remove();
  }

  async #add(replicas: readonly Replica[], byMs: number): Promise<void> {
    for (const replica of replicas) await this.#set(replica, (this.#offMs.get(replica) ?? 0) + byMs);
  }

  async #set(replica: Replica, offMs: number): Promise<void> {
    this.#offMs.set(replica, offMs);
    const file = this.#fileOf(replica);
    // No service reads half of it.
    await writeFile(`${file}.new`, String(offMs));
    await rename(`${file}.new`, file);
  }

  #fileOf(replica: Replica): string {
    return join(this.#directory.path, replica.replace('/', '-'));
  }
}
