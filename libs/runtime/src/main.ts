import { isExpected, isUserError, problemOf } from './problem.js';

/**
 * Runs a service's `main`. A failed start exits with code 1. It prints a stack trace only for a bug, not for a fault that a
 * person can fix: of the configuration, of a file that it names, or of a server.
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`);
    process.exit(1);
  }
}

/** The error for a person: with a stack trace only if it is a bug. */
export function errorText(error: unknown): string {
  // The message of such an error lists its faults, one on each line.
  if (isUserError(error)) return error.message;
  const { type, message, stack } = problemOf(error);
  return isExpected(error) ? message : `${type}: ${message}\n${stack ?? ''}`;
}
