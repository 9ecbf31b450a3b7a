import { type Logger, pino } from 'pino';
import { problemOf } from './problem.js';

export type { Logger } from 'pino';

/** A JSON logger on standard output. A Ticket is always named by the field `ticketid`, as on the bus. */
export function createLogger(service: string, level: string): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: problemOf },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Synchronous: the last lines before a crash are those that people look for.
  return pino(options, pino.destination({ fd: 1, sync: true }));
}
