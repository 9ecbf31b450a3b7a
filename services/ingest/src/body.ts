import type { IncomingMessage } from 'node:http';
import getRawBody from 'raw-body';
import { type Outlined, refused } from './answer.js';

/** Asks a client that waits for it (`Expect: 100-continue`) to send the body. */
export type Continue = () => void;

export interface BodyOptions {
  /** The largest body, in bytes. */
  readonly limit: number;
  readonly sendContinue: Continue;
  readonly onChunk?: (chunk: Uint8Array) => void;
}

export function tooLarge(limit: number): Outlined {
  return refused('tooLarge', `the body is larger than ${limit} bytes (K8STA_BODY_LIMIT)`);
}

/** The whole body, or why it was not read to its end. */
export async function readBody(request: IncomingMessage, options: BodyOptions): Promise<Buffer | Outlined> {
  const { limit, sendContinue, onChunk } = options;
  // A client that asks first gets its answer before it sends anything.
  if (Number(request.headers['content-length'] ?? 0) > limit) return tooLarge(limit);
  sendContinue();
  if (onChunk) request.on('data', onChunk);
  try {
    return await getRawBody(request, { limit, length: request.headers['content-length'] ?? null });
  } catch (error) {
    const { type } = error as getRawBody.RawBodyError;
    if (type === 'entity.too.large') return tooLarge(limit);
    // Either raw-body or the stream itself reports a connection that breaks, depending on which notices first.
    if (type === 'request.aborted' || type === 'request.size.invalid' || request.errored) {
      return refused('aborted', 'the body ended early');
    }
    throw error;
  } finally {
    if (onChunk) request.off('data', onChunk);
  }
}

/**
 * The bodies of requests that are not authenticated yet, because their proof is over the body. Strangers can post as many
 * as they like, so all of them together may hold only so many bytes.
 */
export class UnprovenBodies {
  readonly #mostBytes: number;
  #heldBytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Reads a body and hands it to `prove`. Its bytes count until that has ended. */
  async read<T>(
    request: IncomingMessage,
    options: Omit<BodyOptions, 'onChunk'>,
    prove: (bytes: Buffer) => Promise<T>,
  ): Promise<T | Outlined> {
    let taken = 0;
    let giveUp = () => {};
    const full = new Promise<Outlined>((resolve) => {
      giveUp = () => resolve(refused('tooBusy', 'too many bodies wait for their authentication; post it again'));
    });
    const onChunk = ({ length }: Uint8Array) => {
      taken += length;
      this.#heldBytes += length;
      if (this.#heldBytes <= this.#mostBytes) return;
      request.pause();
      giveUp();
    };
    try {
      const bytes = await Promise.race([readBody(request, { ...options, onChunk }), full]);
      return 'outcome' in bytes ? bytes : await prove(bytes);
    } finally {
      this.#heldBytes -= taken;
      request.off('data', onChunk);
    }
  }
}
