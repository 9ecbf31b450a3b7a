import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatDuration, lastLines, progressOf } from './plan.mjs';

/** A failure that a person has to fix; the set-up prints only its message. */
export class Failure extends Error {}

/**
 * Runs a long command with much output: prints a title, shows the progress from time to time, and writes the output to
 * the log file. `env` holds defaults for variables that are not set. `quiet` is shown until the command writes output.
 * Throws a Failure with the last lines if the command fails.
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
    say(`  ${formatDuration(performance.now() - began)}: ${progress ?? quiet ?? 'no output yet'}`);
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
  say(`  done in ${formatDuration(performance.now() - began)}`);
}

/** Resolves with 0, or with a text that says how the command ended. */
function run(command, args, env, directory, log) {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, 'w');
  writeSync(file, `$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve) => {
    // In its own process group: npm does not forward signals to the compiler, which would keep running.
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
