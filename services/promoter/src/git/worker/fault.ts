/** The remote, or the connection to it, failed. The message says how. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
}

/** One of the other repositories of a job could not be read: `index` says which. */
export class ElsewhereError extends Error {
  override readonly name = 'ElsewhereError';
  readonly index: number;
  override readonly cause: Error;

  constructor(index: number, cause: Error) {
    super(cause.message);
    this.index = index;
    this.cause = cause;
  }
}

/** Whether a broken mirror may have caused this error of libgit2 or of the disk. */
export function isMirrorFault(error: unknown): boolean {
  if (error instanceof ElsewhereError) return isMirrorFault(error.cause);
  const { errno, errorFunction, message } = error as { errno?: unknown; errorFunction?: unknown; message?: unknown };
  if (typeof errno !== 'number') return false;
  if (typeof errorFunction !== 'string' || !errorFunction.startsWith('Remote.')) return true;
  // A fetch also reads and writes our object database, and a push reads it: on a full disk, what we have just written may be missing.
  return /object not found|any existing object|odb|corrupt|zlib|inflate|failed to (lock|write|create|open|mmap)|no space/i.test(
    String(message),
  );
}
