import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { sanitizeLine } from '@k8sta/text';
import { ByteReader } from './byte-reader.js';
import { PlanFault } from './fault.js';

/** An object of a Git repository. `content` is absent if it is larger than the reader asked for. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly content: Buffer | undefined;
}

/** Variables that a Git hook sets, and that would lead to another repository than the directory. */
const repositoryVariables = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR'];

/** Reads the objects of a local repository by one `git cat-file --batch`, which writes nothing. */
export class GitObjects {
  readonly #directory: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #reader: ByteReader;
  readonly #ended: Promise<string>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
    const env = { ...process.env, GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0' };
    for (const name of repositoryVariables) delete (env as NodeJS.ProcessEnv)[name];
    this.#process = spawn('git', ['-C', directory, 'cat-file', '--batch'], { env });
    this.#ended = whyEnded(this.#process);
    // The reader finds the end of the output; a write to a process that has ended must not be an exception besides.
    this.#process.stdin.on('error', () => undefined);
    this.#reader = new ByteReader(this.#process.stdout);
  }

  /**
   * The object of a name such as `refs/heads/main^{tree}`; undefined if there is none. Keeps no content of more than
   * `limit` bytes. Throws a PlanFault if the directory is not a repository.
   */
  read(name: string, limit: number): Promise<GitObject | undefined> {
    const reading = this.#last.then(() => this.#read(name, limit));
    this.#last = reading.catch(() => undefined);
    return reading;
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    await this.#ended;
  }

  async #read(name: string, limit: number): Promise<GitObject | undefined> {
    this.#process.stdin.write(`${name}\n`);
    const header = await this.#reader.line();
    if (header === undefined) throw await this.#fault();
    const [, id, type, size] = /^([0-9a-f]{40,64}) ([a-z]+) ([0-9]+)$/.exec(header) ?? [];
    if (id === undefined || type === undefined) return undefined;
    const length = Number(size);
    if (length > limit) await this.#reader.skip(length + 1);
    const content = length > limit ? undefined : await this.#reader.bytes(length + 1);
    if (length <= limit && content === undefined) throw await this.#fault();
    return { id, type, content: content?.subarray(0, length) };
  }

  async #fault(): Promise<PlanFault> {
    return new PlanFault([`${this.#directory}: cannot be read as a Git repository: ${await this.#ended}`]);
  }
}

/** Resolves when the process has ended, with what it said. */
async function whyEnded(child: ChildProcessWithoutNullStreams): Promise<string> {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, 2_000);
  });
  try {
    const [code] = await once(child, 'close');
    return sanitizeLine(said, 500) || `git ended with code ${String(code)}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'the program git is not installed' : sanitizeLine((error as Error).message);
  }
}
