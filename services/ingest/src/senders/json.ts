import type { Headers } from './proof.js';
import type { Refused } from './sender.js';

const json = 'application/json';

/** The parsed body and its media type, if its headers say that it is JSON: in a type that this sender uses. */
export function readJson(
  headers: Headers,
  bytes: Uint8Array,
  contentTypes: readonly string[] = [json],
): { readonly json: unknown; readonly contentType: string } | Refused {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    return { refusal: 'wrongEncoding', message: 'Content-Encoding must be absent: compressed bodies are not read' };
  }
  const [mediaType = ''] = String(headers['content-type'] ?? '').split(';');
  const contentType = mediaType.trim().toLowerCase();
  if (!contentTypes.includes(contentType)) {
    return { refusal: 'wrongContentType', message: `Content-Type must be ${contentTypes.join(' or ')}` };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (contentType !== form) return { json: JSON.parse(text), contentType };
    return { json: JSON.parse(fieldOf(text) ?? text), contentType: json };
  } catch (error) {
    // The message quotes the body, which may hold a secret. We take only the position from it.
    const [where = ''] = /at position \d+|end of JSON input/.exec((error as Error).message) ?? [];
    return { refusal: 'unreadable', message: `the body is not JSON in UTF-8${where && ` (${where})`}` };
  }
}

const form = 'application/x-www-form-urlencoded';

/** GitHub posts a form by default, whose only field `payload` holds the JSON. */
function fieldOf(text: string): string | undefined {
  return text.startsWith('payload=') ? (new URLSearchParams(text).get('payload') ?? undefined) : undefined;
}

/** The JSON as text, without these keys at any depth; undefined if it is nested too deeply to be written. */
export function writeJsonWithout(value: unknown, secretKeys: ReadonlySet<string>): string | undefined {
  try {
    return JSON.stringify(value, (key, each) => (secretKeys.has(key) ? undefined : each));
  } catch (error) {
    // JSON.parse takes any depth; JSON.stringify runs out of stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
