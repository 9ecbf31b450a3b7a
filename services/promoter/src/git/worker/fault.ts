/** The remote, or the connection to it, failed. The message says how. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
}

/** Whether a broken mirror may have caused this error of libgit2 or of the disk. */
export function isMirrorFault(error: unknown): boolean {
  const { errno, errorFunction, message } = error as { errno?: unknown; errorFunction?: unknown; message?: unknown };
  if (typeof errno !== 'number') return false;
  if (typeof errorFunction !== 'string' || !errorFunction.startsWith('Remote.')) return true;
  // A fetch also reads and writes our object database, and a push reads it: on a full disk, what we have just written may be missing.
  return /object not found|any existing object|odb|corrupt|zlib|inflate|failed to (lock|write|create|open|mmap)|no space/i.test(
    String(message),
  );
}
