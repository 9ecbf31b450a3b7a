import { setTimeout as delay } from 'node:timers/promises';

/** Time and randomness, which tests replace. */
export interface Clock {
  now(): number;
  /** Resolves early when the signal is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: Date.now,
  pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
  random: Math.random,
};
