import { setTimeout as delay } from 'node:timers/promises';

/** Time and chance, which a test brings its own of. */
export interface Clock {
  now(): number;
  /** Ends early, and quietly, when the signal is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: Date.now,
  pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
  random: Math.random,
};
