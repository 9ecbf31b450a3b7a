/** Why a registry gave no answer that can be used. */
export type RegistryReason =
  | 'RegistryUnreachable'
  | 'RegistryRefused'
  | 'RepositoryNotFound'
  | 'RegistryBusy'
  | 'RegistryAnswerInvalid'
  | 'TooManyTags';

/** A registry cannot be asked now. The message names no credentials and quotes no body. */
export class RegistryFault extends Error {
  override readonly name = 'RegistryFault';
  readonly reason: RegistryReason;
  /** How long the registry wants us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(reason: RegistryReason, message: string, retryAfterMs?: number) {
    super(message);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}
