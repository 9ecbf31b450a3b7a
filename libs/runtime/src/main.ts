import { isMendable, isNamed, problemOf } from './problem.js';

/**
 * Runs a service's `main`. What a person can mend (a fault of the configuration, of a file it names or of a server) is
 * said without a stack trace; either way a start that failed exits with code 1.
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${said(error)}\n`);
    process.exit(1);
  }
}

function said(error: unknown): string {
  // Such a message lists its faults, one a line.
  if (isMendable(error)) return error.message;
  const { type, message, stack } = problemOf(error);
  return isNamed(error) ? message : `${type}: ${message}\n${stack ?? ''}`;
}
