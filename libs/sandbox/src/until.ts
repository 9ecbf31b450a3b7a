import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What the caller waits for, for the error message. */
  what?: string;
  deadlineMs?: number;
  everyMs?: number;
  /** Resolves when it is time to ask again; default: after `everyMs`. */
  pause?: () => Promise<unknown>;
}

/** Polls until the answer is truthy and returns it. Use it only if there is no event to wait for. */
export async function until<T>(
  condition: () => T | Promise<T>,
  { what = 'the condition', deadlineMs = 10_000, everyMs = 20, pause = () => delay(everyMs) }: UntilOptions = {},
): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer as Exclude<T, undefined | null | false | 0 | ''>;
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${deadlineMs} ms`);
    await pause();
  }
}
