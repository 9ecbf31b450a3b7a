import type { DeadReason } from '@k8sta/contracts';

/** What a consumer decides about a message. These are the only three outcomes. */
export type Outcome =
  /** It took effect, or there was nothing to do: the message is acknowledged. */
  | { readonly is: 'done' }
  /** It can never be handled: a dead letter with the cause is published, and there is no redelivery. */
  | { readonly is: 'never'; readonly reason: DeadReason; readonly cause: string }
  /** It cannot be handled now: NATS redelivers the message after the delay. */
  | { readonly is: 'later'; readonly delayMs: number; readonly because: string };

export const done: Outcome = { is: 'done' };

export function never(reason: DeadReason, cause: string): Outcome {
  return { is: 'never', reason, cause };
}

export function later(delayMs: number, because: string): Outcome {
  return { is: 'later', delayMs, because };
}
