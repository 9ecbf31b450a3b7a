/** The remote, or the connection to it, failed. The message says how. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
}

/** Whether a broken mirror may have caused this error of libgit2 or of the disk. */
export function isMirrorFault(error: unknown): boolean {
  const { errno, errorFunction, message } = error as { errno?: unknown; errorFunction?: unknown; message?: unknown };
  if (typeof errno !== 'number') return false;
  if (typeof errorFunction !== 'string' || !errorFunction.startsWith('Remote.')) return true;
  // A fetch also reads and writes our object database.
  return /object not found|odb|corrupt|zlib|inflate|failed to (lock|write|create|open|mmap)|no space/i.test(
    String(message),
  );
}
