import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { access } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Certificate } from '../certificate.js';
import { temporaryDirectory } from '../directory.js';
import { serveHttp } from '../http-server.js';
import { isSameSecret } from '../secret.js';
import { Advertisements } from './advertisements.js';
import { git } from './command.js';
import { type AnswerFault, runHttpBackend } from './http-backend.js';
import { createRepository, type Repository, type RepositoryContents } from './repository.js';

export interface GitServerOptions {
  user?: string;
  /** Default: a random one. */
  password?: string;
  port?: number;
  /** Serves https:// with it. */
  certificate?: Certificate;
  /** Decides who is let in, instead of `user` and `password`. */
  accepts?: (user: string, password: string) => boolean;
}

/** A request as an interceptor sees it, before authentication. */
export interface GitRequest {
  method: string;
  /** The name of the repository, as given to `createRepository`. */
  repository: string;
  /** The client's operation, and whether this request is its first (advertise) or second (exchange). */
  service: 'git-upload-pack' | 'git-receive-pack';
  step: 'advertise' | 'exchange';
  headers: IncomingHttpHeaders;
}

/**
 * What to do instead of the real answer: send this answer; accept and never answer; close the connection; let git do its
 * work and lose the answer; or stop in the middle of the answer. `undefined` sends the real answer.
 */
export type GitInterception =
  | { status: number; headers?: Record<string, string>; body?: string }
  | 'hang'
  | 'drop'
  | Exclude<AnswerFault, undefined>
  | undefined;

export type GitInterceptor = (request: GitRequest) => GitInterception | Promise<GitInterception>;

export interface GitServer {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Creates `<url>/<name>.git`; the name may have slashes. */
  createRepository(name: string, contents: RepositoryContents): Promise<Repository>;
  /** Calls `interceptor` for every request, before authentication; `undefined` removes it. It may also delay a request. */
  intercept(interceptor: GitInterceptor | undefined): void;
  /** Calls `listener` with the name of the repository after every push that git has dealt with. Returns how to end that. */
  onPush(listener: (repository: string) => void): () => void;
  stop(): Promise<void>;
}

/** A real Git smart-HTTP or -HTTPS server on 127.0.0.1 with basic authentication, in front of `git http-backend`. */
export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
  const { user = 'git', password = randomBytes(12).toString('base64url') } = options;
  const accepts =
    options.accepts ?? ((given: string, secret: string) => isSameSecret(`${given}:${secret}`, `${user}:${password}`));
  const program = await httpBackend();
  const root = await temporaryDirectory('git');
  const stopping = new AbortController();
  // One for each request at work.
  setMaxListeners(0, stopping.signal);
  const atWork = new Set<Promise<void>>();
  const advertisements = new Advertisements();
  const pushed = new Set<(repository: string) => void>();
  let interceptor: GitInterceptor | undefined;

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const { signal } = stopping;
    const ask = (fault: AnswerFault, body?: Buffer[]) =>
      runHttpBackend(request, response, { program, root: root.path, user, fault, signal, ...(body && { body }) });
    const serve = ({ step, repository }: GitRequest, fault: AnswerFault) => {
      const directory = join(root.path, `${repository}.git`);
      const work =
        step === 'advertise' && fault === undefined
          ? advertisements.answer(request, response, directory, (body) => ask(undefined, body))
          : ask(fault);
      atWork.add(work);
      return work.finally(() => atWork.delete(work));
    };
    const onPush = (repository: string) => {
      for (const listener of pushed) listener(repository);
    };
    answer(request, response, { accepts, interceptor, serve, onPush }).catch(() => response.destroy());
  };
  const server = await serveHttp(listener, options);
  const { url } = server;

  return {
    ...{ url, user, password },
    createRepository: (name, contents) =>
      createRepository({ name, url: `${url}/${name}.git`, directory: join(root.path, `${name}.git`) }, contents),
    intercept(next) {
      interceptor = next;
    },
    onPush(listener) {
      pushed.add(listener);
      return () => pushed.delete(listener);
    },
    async stop() {
      stopping.abort();
      await server.stop();
      await Promise.allSettled(atWork);
      await root.remove();
    },
  };
}

let programs: Promise<string> | undefined;

/** The program itself: `git http-backend` would start it as a second process. */
async function httpBackend(): Promise<string> {
  programs ??= git(['--exec-path']);
  const program = join((await programs).trim(), 'git-http-backend');
  await access(program).catch(() => {
    throw new Error(`${program} is missing: install it (Alpine: apk add git-daemon; elsewhere it comes with git)`);
  });
  return program;
}

interface AnswerOptions {
  accepts: (user: string, password: string) => boolean;
  interceptor: GitInterceptor | undefined;
  serve: (request: GitRequest, fault: AnswerFault) => Promise<void>;
  onPush: (repository: string) => void;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: AnswerOptions): Promise<void> {
  const seen = describe(request);
  if (!seen) return plain(response, 404, 'Not a Git smart-HTTP request');
  const interception = await options.interceptor?.(seen);
  if (interception === 'hang') return hang(request, response);
  if (interception === 'drop') return void response.destroy();
  if (typeof interception === 'object' && 'status' in interception) {
    return plain(response, interception.status, interception.body ?? '', interception.headers);
  }
  const login = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(login, 'base64').toString()) ?? [];
  if (!options.accepts(user, password)) {
    return plain(response, 401, 'Unauthorized', { 'WWW-Authenticate': 'Basic realm="sandbox"' });
  }
  await options.serve(seen, interception);
  if (seen.service === 'git-receive-pack' && seen.step === 'exchange') options.onPush(seen.repository);
}

const smart =
  /^\/(.+)\.git\/(?:info\/refs\?service=(?<advertised>git-(?:upload|receive)-pack)|(?<exchanged>git-(?:upload|receive)-pack))$/;

function describe(request: IncomingMessage): GitRequest | undefined {
  const match = smart.exec(request.url ?? '');
  const service = match?.groups?.['advertised'] ?? match?.groups?.['exchanged'];
  if (!match?.[1] || !service) return undefined;
  return {
    method: request.method ?? 'GET',
    repository: decodeURIComponent(match[1]),
    service: service as GitRequest['service'],
    step: match.groups?.['advertised'] ? 'advertise' : 'exchange',
    headers: request.headers,
  };
}

/** Reads the request but never answers, until either side closes the connection. */
function hang(request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  return new Promise((resolve) => response.once('close', resolve));
}

function plain(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'text/plain', ...headers }).end(body);
}
