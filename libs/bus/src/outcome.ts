import type { DeadReason } from '@k8sta/contracts';

/** What a consumer says of a message; there is no fourth. */
export type Outcome =
  /** It took effect, or had nothing to do: acknowledged. */
  | { readonly is: 'done' }
  /** It can never be handled: a dead letter with the cause, and no redelivery. */
  | { readonly is: 'never'; readonly reason: DeadReason; readonly cause: string }
  /** Not now: handed back, to come again after the delay. */
  | { readonly is: 'later'; readonly delayMs: number; readonly because: string };

export const done: Outcome = { is: 'done' };

export function never(reason: DeadReason, cause: string): Outcome {
  return { is: 'never', reason, cause };
}

export function later(delayMs: number, because: string): Outcome {
  return { is: 'later', delayMs, because };
}

/** After an exception: soon at first, since most broken worlds mend within seconds, then every 30 s for as long as it takes. */
export function backoffMs(deliveries: number): number {
  return Math.min(30_000, 250 * 2 ** Math.min(deliveries - 1, 10));
}
