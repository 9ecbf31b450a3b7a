import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBareRepository } from './bare-repository.js';
import { GitError, git } from './command.js';
import { type Author, fastImport } from './fast-import.js';
import { type Commit, parseLog } from './log.js';
import { tipOf } from './refs.js';

export interface NewCommit {
  /** Text by path; `null` deletes the file. All other files stay unchanged. */
  files: Record<string, string | null>;
  message: string;
  author?: Author;
  /** Default: the repository's branch. A new branch starts at the tip of the repository's branch. */
  branch?: string;
}

/** A bare repository on the Git server. Its methods work on the disk and bypass HTTP, like another client's push. */
export class Repository {
  readonly name: string;
  /** The URL without credentials. */
  readonly url: string;
  /** The bare repository on disk. */
  readonly directory: string;
  /** The default branch. */
  readonly branch: string;

  constructor(at: { name: string; url: string; directory: string; branch: string }) {
    this.name = at.name;
    this.url = at.url;
    this.directory = at.directory;
    this.branch = at.branch;
  }

  /** Makes a commit of a person or a rival on top of the current tip. Returns its SHA. */
  async commit({ files, message, author = person, branch = this.branch }: NewCommit): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const parent = (await tipOf(this.directory, branch)) ?? (await tipOf(this.directory, this.branch));
      try {
        return await fastImport(this.directory, { branch, parent, files, message, author });
      } catch (error) {
        // Another client pushed in between: git did not update the branch, so commit again on the new tip.
        if (attempt === 10 || !(error instanceof GitError && /new tip|lock/.test(error.stderr))) throw error;
      }
    }
  }

  /** The SHA of the tip of a branch. */
  async tip(branch = this.branch): Promise<string> {
    const sha = await tipOf(this.directory, branch);
    if (sha === undefined) throw new Error(`${this.name} has no branch ${branch}`);
    return sha;
  }

  /** All commits of a branch, oldest first. */
  async log(branch = this.branch): Promise<Commit[]> {
    return parseLog((...args) => this.#git(...args), `refs/heads/${branch}`);
  }

  /** The text of a file at a ref (default: the branch); `undefined` if it does not exist. */
  async read(path: string, ref = this.branch): Promise<string | undefined> {
    try {
      return await this.#git('cat-file', 'blob', `${ref}:${path}`);
    } catch (error) {
      if (error instanceof GitError && /does not exist|exists on disk/.test(error.stderr)) return undefined;
      throw error;
    }
  }

  /** Installs the text of an executable server hook, for instance to refuse a ref; `undefined` removes it. */
  async setHook(hook: 'pre-receive' | 'update' | 'post-receive', script: string | undefined): Promise<void> {
    const file = join(this.directory, 'hooks', hook);
    if (script === undefined) return rm(file, { force: true });
    await mkdir(join(this.directory, 'hooks'), { recursive: true });
    await writeFile(file, script.startsWith('#!') ? script : `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }

  #git(...args: string[]): Promise<string> {
    return git(args, { directory: this.directory });
  }
}

const person: Author = { name: 'Pat Person', email: 'pat@example.com' };

export interface RepositoryContents {
  /** The default branch. */
  branch?: string;
  /** Text by path: the first commit. */
  files: Record<string, string>;
}

const settings = '[http]\n\treceivepack = true\n[gc]\n\tauto = 0\n[receive]\n\tautogc = false\n';

/** Creates a bare repository in `directory`, with one commit. */
export async function createRepository(
  at: { name: string; url: string; directory: string },
  { branch = 'main', files }: RepositoryContents,
): Promise<Repository> {
  await createBareRepository(at.directory, branch, settings);
  await fastImport(at.directory, { branch, parent: undefined, files, message: 'First commit', author: person });
  return new Repository({ ...at, branch });
}
