import { basicAuthentication, basicAuthorization, GitError, git } from '../git/command.js';

export type GitCredentials = { username: string; password: string } | { sshCommand: string };

/** The remote did not answer, or not in time. */
export class RemoteError extends Error {}

/** Argo CD gives a remote a deadline too, so that one that hangs does not stop all comparisons. */
const patienceSeconds = 10;

/** A repository on a Git server, as Argo CD's repo server reads it. */
export class Remote {
  readonly #url: string;
  readonly #credentials: GitCredentials | undefined;
  readonly #signal: AbortSignal;

  constructor(options: { url: string; credentials: GitCredentials | undefined; signal: AbortSignal }) {
    this.#url = options.url;
    this.#credentials = options.credentials;
    this.#signal = options.signal;
  }

  /** The SHA of each ref by name; `<tag>^{}` is the commit of an annotated tag. */
  async refs(): Promise<Map<string, string>> {
    try {
      const text = /^https?:/.test(this.#url) ? await this.#advertisement() : await this.#git('ls-remote', this.#url);
      return new Map([...text.matchAll(line)].map(([, sha = '', name = '']) => [name, sha]));
    } catch (error) {
      throw new RemoteError(`failed to list refs: ${causeOf(error)}`);
    }
  }

  /** Fetches all branches and tags into a bare repository. */
  async fetchInto(directory: string): Promise<void> {
    const how = ['--quiet', '--force', '--prune', '--no-auto-gc'];
    const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
    try {
      await this.#git('-C', directory, 'fetch', ...how, this.#url, ...refs);
    } catch (error) {
      throw new RemoteError(`${fetchFailure}: ${causeOf(error)}`);
    }
  }

  /** Argo CD lists the refs without git, too (with go-git). `git ls-remote` would be three processes for each refresh. */
  async #advertisement(): Promise<string> {
    const url = `${this.#url}/info/refs?service=git-upload-pack`;
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(patienceSeconds * 1_000)]);
    const answer = await fetch(url, { headers: authorizationOf(this.#credentials), signal });
    const text = await answer.text();
    if (answer.ok) return text;
    const unexpected = `unexpected client error: unexpected requesting "${url}" status code: ${answer.status}`;
    throw new Error(refusals[answer.status] ?? unexpected);
  }

  async #git(...args: string[]): Promise<string> {
    const patience = ['-c', 'http.lowSpeedLimit=1', '-c', `http.lowSpeedTime=${patienceSeconds}`];
    // Version 2 of the protocol lists the refs in a second request, for which the server starts two more processes.
    const settings = [...patience, '-c', 'protocol.version=0'];
    return git([...settings, ...args], { environment: environmentOf(this.#credentials), signal: this.#signal });
  }
}

/** In the answer of a server the length of the line precedes each SHA (https://git-scm.com/docs/gitprotocol-http). */
const line = /([0-9a-f]{40})[ \t]([^\0\n]+)/g;

/** The words of go-git. */
const refusals: Readonly<Record<number, string>> = {
  401: 'authentication required',
  403: 'authorization failed',
  404: 'repository not found',
};

/** The message of Argo CD's repo server. */
const fetchFailure =
  'failed to initialize repository resources: rpc error: code = Internal desc = Failed to fetch default: `git fetch origin --tags --force --prune` failed exit status 128';

function causeOf(error: unknown): string {
  if (error instanceof GitError) return error.stderr.trim();
  // The error of `fetch` says only that it failed.
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

function authorizationOf(credentials: GitCredentials | undefined): Record<string, string> {
  if (!credentials || 'sshCommand' in credentials) return {};
  return { Authorization: basicAuthorization({ user: credentials.username, password: credentials.password }) };
}

function environmentOf(credentials: GitCredentials | undefined): NodeJS.ProcessEnv {
  if (!credentials) return {};
  if ('sshCommand' in credentials) return { GIT_SSH_COMMAND: credentials.sshCommand };
  return basicAuthentication({ user: credentials.username, password: credentials.password });
}
