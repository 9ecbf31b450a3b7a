import { GitError, git } from '../git/command.js';
import { ObjectReader } from './object-reader.js';
import { RenderError, type Rendered, type RenderedSource, render, type Tree } from './render.js';

/** A revision that the remote does not have; the message is what Argo CD shows. */
export class RevisionError extends Error {}

/** The remote did not answer, or not in time. */
export class RemoteError extends Error {}

const sha = /^[0-9a-f]{40}$/;
/** How many (revision, path) pairs are cached. */
const renderingsKept = 1000;
/** The message of Argo CD's repo server. */
const fetchFailure =
  'failed to initialize repository resources: rpc error: code = Internal desc = Failed to fetch default: `git fetch origin --tags --force --prune` failed exit status 128';

/** A bare mirror of one remote. It plays Argo CD's repo server, and all Applications of the remote share it. */
export class Mirror {
  readonly #url: string;
  readonly #directory: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #signal: AbortSignal;
  readonly #reader: ObjectReader;
  readonly #renderings = new Map<string, Promise<Rendered>>();
  readonly #failures = new Map<string, RenderError>();
  #refs: { askedAt: number; answer: Promise<Map<string, string>> } | undefined;
  #next: Promise<Map<string, string>> | undefined;
  #fetching: Promise<unknown> = Promise.resolve();

  static async create(options: MirrorOptions): Promise<Mirror> {
    await git(['init', '--quiet', '--bare', '--template=', options.directory]);
    return new Mirror(options);
  }

  private constructor({ url, directory, environment, signal }: MirrorOptions) {
    this.#url = url;
    this.#directory = directory;
    this.#signal = signal;
    this.#environment = environment;
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
      if (!(error instanceof RenderError)) return;
      this.#failures.set(key, error);
      forgetOldest(this.#failures);
    });
    forgetOldest(this.#renderings);
    return rendering;
  }

  /** The number of commits between two commits. */
  async countCommits(from: string, to: string): Promise<number> {
    await this.#ensure(to);
    return Number(await this.#git('failed to count', 'rev-list', '--count', `${from}..${to}`));
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
    const answer = this.#git('failed to list refs', 'ls-remote', '--quiet', this.#url).then((text) => {
      const lines = text.split('\n').filter(Boolean);
      return new Map(lines.map((line) => line.split('\t').reverse() as [string, string]));
    });
    this.#refs = { askedAt: performance.now(), answer };
    return answer;
  }

  async #ensure(commit: string): Promise<void> {
    const before = this.#fetching;
    const fetching = before.then(async () => {
      if (await this.#reader.read(commit)) return;
      await this.#git(
        fetchFailure,
        'fetch',
        '--quiet',
        '--force',
        '--prune',
        this.#url,
        '+refs/heads/*:refs/heads/*',
        '+refs/tags/*:refs/tags/*',
      );
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

  async #git(failure: string, ...args: string[]): Promise<string> {
    try {
      // Like Argo CD, give git a deadline, so that a remote that hangs does not stop all comparisons.
      const patience = ['-c', 'http.lowSpeedLimit=1', '-c', 'http.lowSpeedTime=10', '-c', 'gc.auto=0'];
      // Version 2 of the protocol lists the refs in a second request, for which the server starts two more processes.
      const settings = [...patience, '-c', 'protocol.version=0'];
      const options = { directory: this.#directory, environment: this.#environment, signal: this.#signal };
      return await git([...settings, ...args], options);
    } catch (error) {
      throw new RemoteError(`${failure}: ${error instanceof GitError ? error.stderr.trim() : error}`);
    }
  }
}

export interface MirrorOptions {
  url: string;
  directory: string;
  /** The credentials of its Git commands. */
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

function forgetOldest(remembered: Map<string, unknown>): void {
  const oldest = remembered.keys().next().value;
  if (remembered.size > renderingsKept && oldest !== undefined) remembered.delete(oldest);
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
