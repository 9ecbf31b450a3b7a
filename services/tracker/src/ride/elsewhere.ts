import type { Child } from './state.js';

/** How long an answer about another Track holds, in milliseconds: an event says that something happened there. */
const freshForMs = 60_000;

/** Whether to ask again what is known of something on another Track. */
export function isDue(known: Pick<Child, 'askedAt'> | undefined, now: Date): boolean {
  return known?.askedAt === undefined || now.getTime() - Date.parse(known.askedAt) >= freshForMs;
}

/** When to look again whether to ask, in milliseconds since the epoch. */
export function askedAgainAt(now: Date): number {
  return now.getTime() + freshForMs;
}
