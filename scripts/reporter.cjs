const { readFileSync, writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

/** How long what the tests have left open may take to end, in milliseconds. */
const graceMs = 60_000;

/** The same for timers alone: a connection, a server or a child process is what must not be left open. */
const timersMs = 5_000;

/**
 * Mocha's `spec`, then the skipped tests by name, so that none is skipped silently, and as the very last line
 * `N passed, N failed`; scripts/test.ts, which adds up several runs, gets both in a file instead. The exit code stays
 * mocha's, except where something that was left open would keep the run from ever ending.
 */
class Reporter extends reporters.Spec {
  static description = 'spec, the skipped tests by name, and a last line that counts';

  #skipped = [];
  #resultFile;

  constructor(runner, options) {
    super(runner, options);
    this.#resultFile = options?.reporterOptions?.result;
    runner.on('pending', (test) => this.#skipped.push(test.fullTitle()));
    runner.once('end', () => {
      setTimeout(leaveTimers, timersMs).unref();
      setTimeout(leave, graceMs).unref();
    });
  }

  epilogue() {
    super.epilogue();
    const { passes, failures } = this.stats;
    const file = this.#resultFile;
    if (file) {
      const counts = { passed: passes, failed: failures, skipped: this.#skipped, cpuSeconds: cpuSeconds() };
      writeFileSync(file, JSON.stringify({ ...counts, failures: this.failures.map(whatFailed) }));
      return;
    }
    if (this.#skipped.length > 0) {
      reporters.Base.consoleLog('%s', `${this.#skipped.length} skipped: ${this.#skipped.join('; ')}`);
    }
    reporters.Base.consoleLog('%s', `${passes} passed, ${failures} failed`);
  }
}

/** The title of a failed test or hook, and the beginning of its error. */
function whatFailed(test) {
  const { stack, message } = test.err ?? {};
  return `${test.fullTitle()}: ${String(stack ?? message ?? 'no error').slice(0, 2_000)}`;
}

/**
 * What this process and all that it has started and seen end have taken; undefined where there is no /proc. Fields 14 to 17
 * of proc(5) count hundredths of a second.
 */
function cpuSeconds() {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // The name of the program, in brackets, may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    return undefined;
  }
}

/** Ends a run in which nothing is open but its own output and timers. */
function leaveTimers() {
  const harmless = new Set(['PipeWrap', 'TTYWrap', 'Timeout']);
  if (process.getActiveResourcesInfo().every((name) => harmless.has(name))) process.exit();
}

function leave() {
  const open = process.getActiveResourcesInfo().join(', ');
  process.stderr.write(`the tests have left something open that does not end: ${open}\n`);
  // After mocha's own listener, which would call it a success.
  process.on('exit', () => {
    process.exitCode = 1;
  });
  process.exit();
}

module.exports = Reporter;
