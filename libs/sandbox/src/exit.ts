const cleanups = new Set<() => void>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let isInstalled = false;

/**
 * Runs `cleanup` (synchronous) when this process exits, newest first, unless the returned function took it back before.
 * The newest goes first so that a server is dead before its folder is removed.
 */
export function atExit(cleanup: () => void): () => void {
  install();
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
  };
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  process.on('exit', cleanUp);
  // A process that dies of a signal has no 'exit'.
  for (const signal of signals) process.on(signal, leave);
}

function leave(signal: NodeJS.Signals): void {
  // Somebody else listens as well, and decides what the signal means; if it is the end, 'exit' will come.
  if (process.listenerCount(signal) > 1) return;
  cleanUp();
  process.off(signal, leave);
  process.kill(process.pid, signal);
}

function cleanUp(): void {
  for (const cleanup of [...cleanups].reverse()) cleanup();
}
