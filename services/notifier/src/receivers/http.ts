import { subscribe } from 'node:diagnostics_channel';
import { retryAfterMs, sanitizeLine } from '@k8sta/text';
import type { Sent } from './receiver.js';
import { redact } from './secret.js';

export interface HttpRequest {
  readonly method?: 'POST' | 'PATCH';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  /** What must not be shown of an answer. */
  readonly secret: string;
}

/** An answer of a server, or why there is none. */
export type HttpAnswer =
  | { readonly status: number; readonly retryAfterMs?: number; readonly text: string }
  | Extract<Sent, { is: 'unsent' | 'unsure' }>;

const longestAnswer = 64 * 1024;

/**
 * Sends a request and reads a bounded answer. It follows no redirect: the address is what the operator wrote, and nobody may
 * send us elsewhere. Errors are named by their code, because the message of some holds the address.
 */
export async function request({
  method = 'POST',
  url,
  headers,
  body,
  timeoutMs,
  secret,
}: HttpRequest): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, {
      ...{ method, body, redirect: 'manual' },
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'k8sta-notifier', ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = redact(await bounded(response), secret);
    const after = retryAfterMs(response.headers.get('retry-after'), Date.now());
    return { status: response.status, text, ...(after !== undefined && { retryAfterMs: after }) };
  } catch (error) {
    return failureOf(error as Error & { cause?: Error & { code?: string } });
  }
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > longestAnswer) break;
  }
  return Buffer.concat(chunks).subarray(0, longestAnswer).toString('utf8');
}

/**
 * The errors of connections that could not be made, by name resolution, TCP or TLS: no byte of the request was sent. Only this
 * channel tells them from errors of a connection (https://undici.nodejs.org/#/docs/api/DiagnosticsChannel).
 */
const connectErrors = new WeakSet<object>();
subscribe('undici:client:connectError', (message) => connectErrors.add((message as { error: Error }).error));

function failureOf({ name, cause }: Error & { cause?: Error & { code?: string } }): HttpAnswer {
  const is = cause && connectErrors.has(cause) ? 'unsent' : 'unsure';
  return { is, why: `no answer: ${sanitizeLine(cause?.code ?? name, 100)}` };
}

type Answered = Exclude<HttpAnswer, { is: string }>;

/** What a status other than 2xx means, where the receiver has no codes of its own. */
export function refusalOf({ status, text, retryAfterMs: afterMs }: Answered): Exclude<Sent, { is: 'sent' | 'gone' }> {
  const why = `it answered ${status}${text === '' ? '' : `: ${sanitizeLine(text, 200)}`}`;
  const after = afterMs === undefined ? {} : { afterMs };
  if ([408, 425, 429, 503].includes(status)) return { is: 'unsent', why, ...after };
  // A gateway or a server that failed after it had taken the message.
  if (status >= 500) return { is: 'unsure', why };
  return { is: 'refused', why };
}

/** An answer in the 200s, or what else it means. */
export function accepted(answer: HttpAnswer): { text: string } | Exclude<Sent, { is: 'sent' | 'gone' }> {
  if ('is' in answer) return answer;
  return answer.status >= 200 && answer.status < 300 ? { text: answer.text } : refusalOf(answer);
}
