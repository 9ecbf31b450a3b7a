import { RemoteError, RevisionError } from './mirror.js';
import { RenderError } from './render.js';

/** Whether Argo CD tells people about the error; everything else is a defect of the stand-in. */
export function isComparisonError(error: unknown): error is Error {
  return error instanceof RemoteError || error instanceof RevisionError || error instanceof RenderError;
}

/** The error in the words of Argo CD, as in the condition ComparisonError and in the message of an operation. */
export function explainComparison({ message }: Error): string {
  return `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = ${message}`;
}
