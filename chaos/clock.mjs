/**
 * Preloaded into a service: its wall clock is wrong by as many milliseconds as a file says, now and whenever the file changes.
 * Timers and `performance` keep their pace, as with a real clock that somebody sets.
 */
import { readFileSync } from 'node:fs';

const file = process.env['CHAOS_CLOCK'] ?? '';
const readEveryMs = 100;

let offMs = 0;
const read = () => {
  offMs = Number(readFileSync(file, 'utf8')) || 0;
};
read();
setInterval(() => {
  try {
    read();
  } catch {
    // The run is over, and its folder is removed.
  }
}, readEveryMs).unref();

const { Date: RightDate } = globalThis;

globalThis.Date = class extends RightDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RightDate.now() + offMs] : args));
  }

  static now() {
    return RightDate.now() + offMs;
  }
};
