import type { Log } from './log.js';

/** More reasons than that are not logged: they may be texts from outside. */
const reasonLimit = 100;

/** Failures that repeat until they are over, in the log once. */
export interface LogOnce {
  /** Logs the failure unless it has been logged for this reason since the last recovery. */
  failed(reason: string, fields: object, message: string, level?: 'warn' | 'error'): void;
  /** Logs the recovery if a failure was logged before. */
  recovered(fields: object, message: string): void;
}

/** Logs each reason of a repeating failure once, and its recovery once. */
export function logOnce(log: Pick<Log, 'info' | 'warn' | 'error'>): LogOnce {
  const logged = new Set<string>();
  return {
    failed(reason, fields, message, level = 'warn') {
      if (logged.has(reason) || logged.size >= reasonLimit) return;
      logged.add(reason);
      log[level](fields, message);
    },
    recovered(fields, message) {
      if (logged.size === 0) return;
      logged.clear();
      log.info(fields, message);
    },
  };
}
