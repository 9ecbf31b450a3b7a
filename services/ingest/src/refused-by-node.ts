import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Outcome, outcomes } from './outcome.js';

/** The outcome of a request that Node's HTTP server refuses by itself, by the code of its error. */
const byCode: Readonly<Record<string, Outcome>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'timedOut',
  HPE_HEADER_OVERFLOW: 'headersTooLarge',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'chunksTooLarge',
};

const sentences: Partial<Record<Outcome, string>> = {
  timedOut: 'the request did not arrive in time',
  headersTooLarge: 'the headers are too large',
  chunksTooLarge: 'the chunk extensions of the body are too large',
};

/** The outcome of a request that Node refuses; undefined if the connection broke, because nobody would read an answer. */
export function outcomeOfRefusal({ code = '' }: NodeJS.ErrnoException): Outcome | undefined {
  if (code in byCode) return byCode[code];
  return code.startsWith('HPE_') ? 'malformed' : undefined;
}

/** The body of the answer, in the shape of all other answers. */
export function refusalBody(outcome: Outcome): object {
  return { error: sentences[outcome] ?? 'the request is not valid HTTP/1.1' };
}

/** Answers on the bare connection and closes it, because Node gives us no request to answer. */
export function answerOnSocket(socket: Socket, outcome: Outcome): void {
  const { status } = outcomes[outcome];
  const body = JSON.stringify(refusalBody(outcome));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
