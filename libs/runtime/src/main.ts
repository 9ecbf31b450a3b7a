import { ConfigError } from './config.js';

/**
 * Runs a service's `main`. What a person can mend (a fault of the configuration or of a file it names) is said without
 * a stack trace; either way a start that failed exits with code 1.
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const said = error instanceof ConfigError || isExpected(error) ? (error as Error).message : (error as Error).stack;
    process.stderr.write(`${said}\n`);
    process.exit(1);
  }
}

/** Errors that name themselves faults of what a person wrote, such as the tracks file's. */
function isExpected(error: unknown): boolean {
  return error instanceof Error && 'faults' in error;
}
