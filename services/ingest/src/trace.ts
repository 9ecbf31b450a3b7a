import { randomBytes } from 'node:crypto';
import { parseTraceparent } from '@k8sta/contracts';

/** The trace of a request: W3C Trace Context, https://www.w3.org/TR/trace-context/. Undefined if it has none that we understand. */
export function traceFrom(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && parseTraceparent(header) ? header : undefined;
}

/** The trace of a request, or a new one. */
export function traceOf(header: string | string[] | undefined): string {
  const given = traceFrom(header);
  if (given !== undefined) return given;
  const random = randomBytes(24).toString('hex');
  return `00-${random.slice(0, 32)}-${random.slice(32)}-01`;
}
