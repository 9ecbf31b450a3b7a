import { sanitizeLine } from '@k8sta/text';
import { RegistryFault } from './fault.js';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

const timeoutMs = 20_000;
const mostBytes = 4 * 1024 * 1024;

/** Only https, but http for this machine itself: credentials and answers would be anybody's. */
export function isAllowed({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Sends a request. Its answer is bounded in time and in bytes, and a redirection is not followed. */
export async function send(url: URL, init: RequestInit): Promise<Reply> {
  if (!isAllowed(url)) throw new RegistryFault('RegistryAnswerInvalid', `${url.host} must be asked by https`);
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    const body = await bounded(response, url);
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    if (error instanceof RegistryFault) throw error;
    const { cause = error } = error as Error;
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new RegistryFault(
      'RegistryUnreachable',
      `${url.host} does not answer: ${sanitizeLine(code ?? message, 200)}`,
    );
  }
}

async function bounded(response: Response, { host }: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      throw new RegistryFault('RegistryAnswerInvalid', `${host} answered with more than ${mostBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Whether the server limits requests, or fails: it may answer later. */
export function isBusy({ status }: Reply): boolean {
  return status === 429 || status >= 500;
}
