import { RevisionError } from './mirror.js';
import { RemoteError } from './remote.js';
import { RenderError } from './render.js';

/** Whether Argo CD reports the error to people; any other error is a bug of the stand-in. */
export function isComparisonError(error: unknown): error is Error {
  return error instanceof RemoteError || error instanceof RevisionError || error instanceof RenderError;
}

/** Argo CD's message for the error, as in the condition ComparisonError and in the message of an operation. */
export function explainComparison({ message }: Error): string {
  return `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = ${message}`;
}
