const cleanups = new Set<() => void>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
let isInstalled = false;

/**
 * Runs `cleanup` (synchronous) when this process exits, unless the returned function cancels it before. The newest runs first,
 * so that a server is dead before its folder is removed.
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
  // A process that a signal kills emits no 'exit'.
  for (const signal of signals) process.on(signal, leave);
}

function leave(signal: NodeJS.Signals): void {
  // Another listener decides what the signal means; if it ends the process, 'exit' follows.
  if (process.listenerCount(signal) > 1) return;
  cleanUp();
  process.off(signal, leave);
  process.kill(process.pid, signal);
}

function cleanUp(): void {
  for (const cleanup of [...cleanups].reverse()) cleanup();
}
