import { AnsweredWithError, BusRefusal, NotPermitted } from '@k8sta/bus';
import { ConfigError, errorText } from '@k8sta/runtime';
import { formatIssues } from '@k8sta/text';
import { z } from 'zod';

/** What the exit code of a command means. */
export const exitCodes = {
  done: 0,
  /** K8sTA, or NATS, refused it. */
  refused: 1,
  /** The command line is wrong. */
  usage: 2,
  /** No server answered, or no tracker could. */
  noConnection: 3,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The command line is wrong in a way that its parser cannot see. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs a command: its exit code, or that of the error, which it prints. */
export async function runCommand(work: () => Promise<ExitCode>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    const [code, text] = ofError(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = code;
  }
}

function ofError(error: unknown): [ExitCode, string] {
  if (error instanceof z.ZodError) return [exitCodes.usage, formatIssues(error)];
  if (error instanceof UsageError || error instanceof ConfigError) return [exitCodes.usage, error.message];
  if (error instanceof NotPermitted) return [exitCodes.refused, error.message];
  if (error instanceof BusRefusal) return [exitCodes.noConnection, error.message];
  if (error instanceof AnsweredWithError)
    return [error.code === 400 ? exitCodes.usage : exitCodes.noConnection, error.message];
  return [exitCodes.refused, errorText(error)];
}
