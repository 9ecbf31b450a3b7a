import type { ApiRefusal } from '@k8sta/contracts';

/** Why a request is refused, as the API replies it. */
export interface Refusal {
  [field: string]: unknown;
  ok: false;
  reason: ApiRefusal;
  message: string;
}

export function refuse(reason: ApiRefusal, message: string): Refusal {
  return { ok: false, reason, message };
}

export function isRefusal(result: unknown): result is Refusal {
  return typeof result === 'object' && result !== null && 'ok' in result && result.ok === false;
}
