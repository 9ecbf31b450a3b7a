import { randomBytes } from 'node:crypto';

const traceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace of a request, or a new one: W3C Trace Context, https://www.w3.org/TR/trace-context/. */
export function traceOf(header: string | string[] | undefined): string {
  if (typeof header === 'string' && traceparent.test(header)) return header;
  const random = randomBytes(24).toString('hex');
  return `00-${random.slice(0, 32)}-${random.slice(32)}-01`;
}
