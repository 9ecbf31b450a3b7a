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
  // Synchronous, because the last lines before a crash matter most.
  return pino(options, pino.destination({ fd: 1, sync: true }));
}
