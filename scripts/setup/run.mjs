import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { lastLines, progressOf, spellDuration } from './plan.mjs';

/** Something a person has to mend; its message is all that is shown. */
export class Failure extends Error {}

/**
 * Runs a command that is noisy and takes its time: says what it does, shows from time to time how far it is, and keeps
 * its output in the log file. `env` has variables for where none is set, `quiet` what the command does before it writes
 * anything. Throws a Failure with the last lines when it fails.
 */
export async function runLogged({
  title,
  usually,
  command,
  args,
  env,
  quiet,
  directory,
  log,
  say,
  lifeSignMs = 15_000,
}) {
  say(`${title} (usually ${usually}; output in ${log})`);
  const began = performance.now();
  const life = setInterval(() => {
    const progress = progressOf(readFileSync(log, 'utf8'));
    say(`  ${spellDuration(performance.now() - began)}: ${progress ?? quiet ?? 'no output yet'}`);
  }, lifeSignMs);
  try {
    const ending = await run(command, args, { ...env, ...process.env }, directory, log);
    if (ending !== 0) {
      const output = lastLines(readFileSync(log, 'utf8'), 40).replace(/^/gm, '  | ');
      throw new Failure(`${title}: failed (${ending}); the last lines of ${log}:\n${output}`);
    }
  } finally {
    clearInterval(life);
  }
  say(`  done in ${spellDuration(performance.now() - began)}`);
}

/** Resolves with 0, or with words on how it ended otherwise. */
function run(command, args, env, directory, log) {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, 'w');
  writeSync(file, `$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve) => {
    // In a process group of its own: npm passes no signal on to the compiler, which would go on alone.
    const child = spawn(command, args, { cwd: directory, env, stdio: ['ignore', file, file], detached: true });
    const forward = (signal) => child.pid !== undefined && process.kill(-child.pid, signal);
    const end = (ending) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      closeSync(file);
      resolve(ending);
    };
    process.on('SIGINT', forward).on('SIGTERM', forward);
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(code === 0 ? 0 : signal ? `ended by ${signal}` : `exit code ${code}`));
  });
}
