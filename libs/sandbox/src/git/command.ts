import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ownGroup } from '../process.js';

/** Isolates git from the configuration, the credentials and the identity of the current user. */
export const hermeticEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Sandbox',
  GIT_AUTHOR_EMAIL: 'sandbox@example.com',
  GIT_COMMITTER_NAME: 'Sandbox',
  GIT_COMMITTER_EMAIL: 'sandbox@example.com',
};

export interface GitCommandOptions {
  directory?: string;
  input?: string;
  environment?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/** Git exited with a non-zero code. */
export class GitError extends Error {
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(args: string[], exitCode: number | null, stderr: string) {
    super(`git ${args[0]} ended with exit code ${exitCode}: ${stderr.trim()}`);
    this.name = 'GitError';
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** Runs git, hermetic, and returns what it printed. */
export async function git(args: string[], options: GitCommandOptions = {}): Promise<string> {
  const child = spawn('git', args, {
    cwd: options.directory,
    env: { ...hermeticEnvironment, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...ownGroup,
    ...(options.signal && { signal: options.signal }),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // Git may exit without reading its input; its exit code shows the fault, not the broken pipe.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const [exitCode] = (await once(child, 'close').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT'
      ? new Error('git is not on PATH: install git (https://git-scm.com/downloads)')
      : error;
  })) as [number | null];
  if (exitCode !== 0) throw new GitError(args, exitCode, Buffer.concat(stderr).toString());
  return Buffer.concat(stdout).toString();
}

/** The environment that makes git send this user and password, which then appear neither in the arguments nor in the URL. */
export function basicAuthentication(login: GitLogin): NodeJS.ProcessEnv {
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: ${basicAuthorization(login)}`,
  };
}

/** The value of the header `Authorization`. */
export function basicAuthorization({ user, password }: GitLogin): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

interface GitLogin {
  user: string;
  password: string;
}
