/** The remote, or the way to it, failed in a way that we can name. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
}

/** Whether an error of libgit2's, or of the disk's, may be the mirror's fault, and not the remote's or a defect of ours. */
export function isMirrorFault(error: unknown): boolean {
  const { errno, errorFunction, message } = error as { errno?: unknown; errorFunction?: unknown; message?: unknown };
  if (typeof errno !== 'number') return false;
  if (typeof errorFunction !== 'string' || !errorFunction.startsWith('Remote.')) return true;
  // A fetch also reads and writes our object database.
  return /object not found|odb|corrupt|zlib|inflate|failed to (lock|write|create|open|mmap)|no space/i.test(
    String(message),
  );
}
