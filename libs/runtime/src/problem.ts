import { oneLine } from '@k8sta/contracts';

/** A fault of what a person wrote, such as the configuration's or the tracks file's: it lists itself. */
export function isMendable(error: unknown): error is Error & { faults: readonly string[] } {
  return error instanceof Error && 'faults' in error;
}

/**
 * Whether somebody has named what happened: the system, a server, or a schema of ours. Where in the code it was met
 * then tells a person nothing; any other error is a defect until it is shown to be none.
 */
export function isNamed(error: unknown): boolean {
  return isMendable(error) || (error instanceof Error && 'code' in error && error.code !== undefined);
}

/** An error as it is logged: never the whole object, on which a client may have left a command with its password. */
export function problemOf(error: unknown): { type: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { type: typeof error, message: oneLine(String(error)) };
  const { name, message, stack = '' } = error;
  const said = { type: name, message: oneLine(message, 1_000) };
  return isNamed(error) ? said : { ...said, stack: framesOf(stack) };
}

/** The first line repeats the message, which may be anybody's. */
function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .join('\n');
}
