import { sanitizeLine } from '@k8sta/text';

/** Faults in what a person wrote, such as the configuration or the tracks file: the error lists all of them. */
export function isUserError(error: unknown): error is Error & { faults: readonly string[] } {
  return error instanceof Error && 'faults' in error;
}

/**
 * Whether the error comes from the operating system, a server or a schema of ours. A stack trace would then not help. Any
 * other error counts as a bug.
 */
export function isExpected(error: unknown): boolean {
  return isUserError(error) || (error instanceof Error && 'code' in error && error.code !== undefined);
}

/** An error as it is logged: never the whole object, because a client may have left a command with its password on it. */
export function problemOf(error: unknown): { type: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { type: typeof error, message: sanitizeLine(String(error)) };
  const { name, message, stack = '' } = error;
  const named = { type: name, message: sanitizeLine(message, 1_000) };
  return isExpected(error) ? named : { ...named, stack: framesOf(stack) };
}

/** Without the first lines, which repeat the message: it may come from outside. */
function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .join('\n');
}
