import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ownGroup } from '../process.js';
import { hermeticEnvironment } from './command.js';

/** The injected fault after git has done its work. */
export type AnswerFault = { stallAfterBytes: number } | 'loseAnswer' | undefined;

/**
 * Passes a request to `git http-backend` (https://git-scm.com/docs/git-http-backend), a CGI program, and returns its
 * answer. Resolves when git is done, and adds to `body` what it has answered. Passes the body on unchanged, because http-backend inflates gzip itself.
 */
export async function runHttpBackend(
  request: IncomingMessage,
  response: ServerResponse,
  options: { program: string; root: string; user: string; fault: AnswerFault; signal: AbortSignal; body?: Buffer[] },
): Promise<void> {
  const backend = spawn(options.program, [], {
    env: environment(request, options),
    stdio: ['pipe', 'pipe', 'ignore'],
    signal: options.signal,
    killSignal: 'SIGKILL',
    ...ownGroup,
  });
  // Our own stop() aborts this, and the connection is closed too.
  backend.once('error', () => response.destroy());
  pipeline(request, backend.stdin).catch(() => {});
  const ended = new Promise((resolve) => backend.once('close', resolve));
  const answer = options.fault === 'loseAnswer' ? discard(backend.stdout) : relay(backend.stdout, response, options);
  await answer.catch(() => response.destroy());
  await ended;
  if (options.fault === 'loseAnswer') response.destroy();
}

function environment(request: IncomingMessage, { root, user }: { root: string; user: string }): NodeJS.ProcessEnv {
  const url = new URL(request.url ?? '/', 'http://git');
  return {
    ...hermeticEnvironment,
    GATEWAY_INTERFACE: 'CGI/1.1',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: header(request, 'git-protocol'),
    REQUEST_METHOD: request.method,
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: header(request, 'content-type'),
    // Absent for a chunked body: http-backend then reads to the end of its input.
    CONTENT_LENGTH: header(request, 'content-length'),
    HTTP_CONTENT_ENCODING: header(request, 'content-encoding'),
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_USER: user,
  };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function discard(stdout: NodeJS.ReadableStream): Promise<void> {
  for await (const _ of stdout);
}

async function relay(
  stdout: NodeJS.ReadableStream,
  response: ServerResponse,
  { fault, body }: { fault: AnswerFault; body?: Buffer[] | undefined },
): Promise<void> {
  const stalling = typeof fault === 'object' ? [stallAfter(fault.stallAfterBytes)] : [];
  const collecting = body ? [collectIn(body)] : [];
  await pipeline([stdout, takeHeader(response), ...stalling, ...collecting, response]);
}

/** Moves the CGI header block from the stream into the response. */
function takeHeader(response: ServerResponse): Transform {
  let head: Buffer | undefined = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!head) return done(null, chunk);
      head = Buffer.concat([head, chunk]);
      const end = /\r?\n\r?\n/.exec(head.toString('latin1'));
      if (!end) return done();
      const rest = head.subarray(end.index + end[0].length);
      writeHead(response, head.toString('latin1', 0, end.index));
      head = undefined;
      done(null, rest);
    },
    flush(done) {
      done(head ? new Error('git http-backend ended before the end of its header') : null);
    },
  });
}

function writeHead(response: ServerResponse, block: string): void {
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
}

function collectIn(body: Buffer[]): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      body.push(chunk);
      done(null, chunk);
    },
  });
}

/** Forwards this many bytes and then nothing, not even the end. */
function stallAfter(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      done(null, part);
    },
    flush() {},
  });
}
