import { type Logger, pino } from 'pino';
import { problemOf } from './problem.js';

export type { Logger } from 'pino';

/** Lines are written together once they are this long, or a tenth of a second after the first. */
const inBatches = { sync: false, minLength: 4_096, periodicFlush: 100 };

/**
 * A JSON logger on standard output. A Ticket is always named by the field `ticketid`, as on the bus. By default a line is
 * written before the call returns, because the last lines before a crash matter most. With `isAsync` it is written soon after:
 * for a service that logs each request. An exit writes what is left, an uncaught exception included; SIGKILL loses it.
 */
export function createLogger(service: string, level: string, { isAsync = false } = {}): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: problemOf },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, pino.destination({ fd: 1, ...(isAsync ? inBatches : { sync: true }) }));
}
