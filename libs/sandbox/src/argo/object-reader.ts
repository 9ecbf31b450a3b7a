import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { hermeticEnvironment } from '../git/command.js';
import { ownGroup } from '../process.js';

export interface GitObject {
  oid: string;
  type: string;
  content: Buffer;
}

/** Reads objects of a repository through one long-lived `git cat-file --batch`, which also sees objects that are fetched later. */
export class ObjectReader {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve: (object: GitObject | undefined) => void; reject: (error: Error) => void }[] = [];
  #buffer = Buffer.alloc(0);
  #ended = false;

  constructor(directory: string) {
    this.#child = spawn('git', ['cat-file', '--batch'], { cwd: directory, env: hermeticEnvironment, ...ownGroup });
    this.#child.stdin.on('error', () => {});
    this.#child.once('close', () => this.#fail(new Error('git cat-file ended')));
    this.#child.once('error', (error) => this.#fail(error));
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      while (this.#take());
    });
  }

  /** `name` is any Git revision: a SHA, or `<sha>:<path>`. `undefined` if there is no such object. */
  read(name: string): Promise<GitObject | undefined> {
    // The protocol is line-based.
    if (name.includes('\n')) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(new Error('git cat-file has ended'));
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${name}\n`);
    });
  }

  close(): void {
    // The process has no state and exits when its input ends.
    this.#child.stdin.end();
    this.#child.kill();
  }

  #take(): boolean {
    const newline = this.#buffer.indexOf('\n');
    if (newline < 0) return false;
    const head = this.#buffer.toString('utf8', 0, newline);
    const [, oid = '', type = '', size = ''] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(head) ?? [];
    if (!oid) {
      this.#buffer = this.#buffer.subarray(newline + 1);
      this.#waiting.shift()?.resolve(undefined);
      return true;
    }
    const start = newline + 1;
    const end = start + Number(size);
    if (this.#buffer.length < end + 1) return false;
    const content = this.#buffer.subarray(start, end);
    this.#buffer = this.#buffer.subarray(end + 1);
    this.#waiting.shift()?.resolve({ oid, type, content });
    return true;
  }

  #fail(error: Error): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
