import type { Headers } from './proof.js';
import type { Refused } from './sender.js';

/** The parsed body, if its headers say that it is JSON. */
export function readJson(headers: Headers, bytes: Uint8Array): { json: unknown } | Refused {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    return { refusal: 'wrongEncoding', message: 'Content-Encoding must be absent: compressed bodies are not read' };
  }
  const [mediaType = ''] = String(headers['content-type'] ?? '').split(';');
  if (mediaType.trim().toLowerCase() !== 'application/json') {
    return { refusal: 'wrongContentType', message: 'Content-Type must be application/json' };
  }
  try {
    return { json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (error) {
    // The message quotes the body, which may hold a secret. We take only the position from it.
    const [where = ''] = /at position \d+|end of JSON input/.exec((error as Error).message) ?? [];
    return { refusal: 'unreadable', message: `the body is not JSON in UTF-8${where && ` (${where})`}` };
  }
}

/** The JSON as text, without these keys at any depth; undefined if it is nested too deeply to be written. */
export function writeJsonWithout(json: unknown, secretKeys: ReadonlySet<string>): string | undefined {
  try {
    return JSON.stringify(json, (key, value) => (secretKeys.has(key) ? undefined : value));
  } catch (error) {
    // JSON.parse takes any depth; JSON.stringify runs out of stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
