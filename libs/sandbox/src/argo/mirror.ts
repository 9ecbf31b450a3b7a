import { LRUCache } from 'lru-cache';
import { createBareRepository } from '../git/bare-repository.js';
import { git } from '../git/command.js';
import { ObjectReader } from './object-reader.js';
import type { Remote } from './remote.js';
import { RenderError, type Rendered, type RenderedSource, render, type Tree } from './render.js';

/** A revision that the remote does not have; the message is what Argo CD shows. */
export class RevisionError extends Error {}

const sha = /^[0-9a-f]{40}$/;
/** How many (revision, path) pairs are cached. */
const renderingsKept = 1000;

/** A bare mirror of one remote. It plays Argo CD's repo server, and all Applications of the remote share it. */
export class Mirror {
  readonly #remote: Remote;
  readonly #directory: string;
  readonly #reader: ObjectReader;
  readonly #renderings = new LRUCache<string, Promise<Rendered>>({ max: renderingsKept });
  readonly #failures = new LRUCache<string, RenderError>({ max: renderingsKept });
  #refs: { askedAt: number; answer: Promise<Map<string, string>> } | undefined;
  #next: Promise<Map<string, string>> | undefined;
  #fetching: Promise<unknown> = Promise.resolve();

  static async create(remote: Remote, directory: string): Promise<Mirror> {
    await createBareRepository(directory, 'main');
    return new Mirror(remote, directory);
  }

  private constructor(remote: Remote, directory: string) {
    this.#remote = remote;
    this.#directory = directory;
    this.#reader = new ObjectReader(directory);
  }

  /** The SHA of a branch, a tag, HEAD or a SHA. A cached answer may be `maxAgeMs` old; 0: ask now. */
  async resolve(revision: string, maxAgeMs: number): Promise<string> {
    if (sha.test(revision)) return revision;
    const refs = await (maxAgeMs > 0 ? this.#recentRefs(maxAgeMs) : this.#freshRefs());
    const name = revision === '' ? 'HEAD' : revision;
    const found = [name, `refs/heads/${name}`, `refs/tags/${name}^{}`, `refs/tags/${name}`].find((ref) =>
      refs.has(ref),
    );
    const resolved = found && refs.get(found);
    if (!resolved) throw new RevisionError(`unable to resolve '${revision}' to a commit SHA`);
    return resolved;
  }

  /** Renders a source at a commit, and fetches the commit first if it is new. */
  render(commit: string, source: RenderedSource): Promise<Rendered> {
    const key = JSON.stringify([commit, source]);
    const known = this.#renderings.get(key);
    if (known) return known;
    const failure = this.#failures.get(key);
    if (failure) return Promise.reject(failure.cached());
    const rendering = this.#ensure(commit).then(() => render(this.#tree(commit), source));
    this.#renderings.set(key, rendering);
    rendering.catch((error: unknown) => {
      this.#renderings.delete(key);
      if (error instanceof RenderError) this.#failures.set(key, error);
    });
    return rendering;
  }

  /** The number of commits between two commits. */
  async countCommits(from: string, to: string): Promise<number> {
    await this.#ensure(to);
    return Number(await git(['rev-list', '--count', `${from}..${to}`], { directory: this.#directory }));
  }

  close(): void {
    this.#reader.close();
  }

  #recentRefs(maxAgeMs: number): Promise<Map<string, string>> {
    if (this.#refs && performance.now() - this.#refs.askedAt < maxAgeMs) return this.#refs.answer;
    return this.#freshRefs();
  }

  /** Sends a new request: the answer to an earlier request may be older than the wanted commit. */
  #freshRefs(): Promise<Map<string, string>> {
    this.#next ??= (this.#refs?.answer ?? Promise.resolve()).then(
      () => this.#ask(),
      () => this.#ask(),
    );
    return this.#next;
  }

  #ask(): Promise<Map<string, string>> {
    this.#next = undefined;
    const answer = this.#remote.refs();
    this.#refs = { askedAt: performance.now(), answer };
    return answer;
  }

  async #ensure(commit: string): Promise<void> {
    const before = this.#fetching;
    const fetching = before.then(async () => {
      if (await this.#reader.read(commit)) return;
      await this.#remote.fetchInto(this.#directory);
      if (!(await this.#reader.read(commit))) throw new RevisionError(`unable to resolve '${commit}' to a commit SHA`);
    });
    this.#fetching = fetching.catch(() => {});
    return fetching;
  }

  #tree(commit: string): Tree {
    const read = async (path: string, type: string) => {
      const object = await this.#reader.read(`${commit}:${path}`);
      return object?.type === type ? object.content : undefined;
    };
    return {
      file: async (path) => (await read(path, 'blob'))?.toString(),
      folder: async (path) => {
        const tree = await read(path, 'tree');
        return tree && namesIn(tree);
      },
    };
  }
}

/** The entry names of a raw tree object: `<mode> <name>\0<20 bytes of SHA>`, again and again. */
function namesIn(tree: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < tree.length; ) {
    const space = tree.indexOf(0x20, at);
    const zero = tree.indexOf(0, space);
    names.push(tree.toString('utf8', space + 1, zero));
    at = zero + 21;
  }
  return names;
}
