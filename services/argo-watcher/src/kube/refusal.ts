import { sanitizeLine, tryParseJson } from '@k8sta/text';
import { z } from 'zod';
import type { Refusal, RefusalKind } from '../source.js';

/** What was attempted, for the message. */
export interface Attempt {
  readonly verb: 'list' | 'watch' | 'patch';
  readonly plural: 'applications' | 'appprojects';
  /** Undefined: in all namespaces. */
  readonly namespace: string | undefined;
}

/** The body with which a Kubernetes API server refuses a request. */
const statusSchema = z.object({
  code: z.number().optional(),
  message: z.string().optional(),
  details: z.object({ retryAfterSeconds: z.number().optional() }).nullish(),
});

/** From a status code, the body that came with it (text or parsed) and the header `Retry-After`. */
export function refusalOf(attempt: Attempt, code: number, body: unknown, retryAfter?: string): Refusal {
  const status = statusSchema.safeParse(typeof body === 'string' ? tryParseJson(body) : body).data;
  const seconds = Number(retryAfter ?? status?.details?.retryAfterSeconds);
  const said = status?.message ? ` It said: ${sanitizeLine(status.message)}` : '';
  return {
    kind: kindOf(code),
    words: `${wordsOf(attempt, code)}${said}`,
    // Never hours, even if the server asks for them.
    ...(seconds > 0 && { retryAfterMs: Math.min(seconds, 300) * 1000 }),
  };
}

/** An ERROR event of a watch contains the status as an object, although the HTTP status was 200. */
export function refusalOfEvent(attempt: Attempt, object: unknown): Refusal {
  return refusalOf(attempt, statusSchema.safeParse(object).data?.code ?? 500, object);
}

export function failed(attempt: Attempt, why: string): Refusal {
  return { kind: 'failed', words: `${attempting(attempt)} failed: ${sanitizeLine(why)}` };
}

function kindOf(code: number): RefusalKind {
  switch (code) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'absent';
    case 410:
      return 'expired';
    case 408:
    case 409:
    case 429:
      return 'failed';
    default:
      return code >= 400 && code < 500 ? 'rejected' : 'failed';
  }
}

function wordsOf(attempt: Attempt, code: number): string {
  const { verb, plural, namespace } = attempt;
  switch (code) {
    case 401:
      return 'the Kubernetes API does not accept our credentials (401): see KUBECONFIG, or the service account.';
    case 403:
      return `the verb "${verb}" on ${plural}.argoproj.io ${whereOf(namespace)} is not granted to us (403): see the Role of our service account.`;
    case 404:
      return `the Kubernetes API knows no such ${plural}.argoproj.io ${whereOf(namespace)} (404): is Argo CD installed there?`;
    case 410:
      return `${attempting(attempt)}: what we remember is too old (410).`;
    default:
      return `${attempting(attempt)} was answered with ${code}.`;
  }
}

function attempting({ verb, plural, namespace }: Attempt): string {
  return `${verb} ${plural}.argoproj.io ${whereOf(namespace)}`;
}

function whereOf(namespace: string | undefined): string {
  return namespace === undefined ? 'in all namespaces' : `in namespace "${namespace}"`;
}
