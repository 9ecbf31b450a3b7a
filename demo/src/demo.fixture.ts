import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { WriteStream } from 'node:tty';
import { promisify } from 'node:util';
import { argumentsOf } from '@k8sta/sandbox';
import { demonstrate, type Show } from './demonstrate.js';

const main = argumentsOf('@k8sta/demo');

export interface Ended {
  code: number | null;
  lines: string[];
  said: string;
  /** Files and processes that it has left behind. */
  left: string[];
}

/** Shorter than a test may take, so that a demo that hangs is stopped, and says how far it came. */
const hangMs = 110_000;

/** Runs the demo as `npm run demo -- <args>` does, with temporary files in a folder of its own. */
export async function demo(
  args: string[],
  onText: (output: string, interrupt: () => void) => void = () => {},
): Promise<Ended> {
  const temporary = await mkdtemp(join(tmpdir(), 'k8sta-demo-'));
  const child = spawn(process.execPath, [...main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
    detached: true,
    timeout: hangMs,
    killSignal: 'SIGINT',
  });
  // As a terminal does, to all processes in its foreground, and only once.
  let interrupt = () => {
    interrupt = () => {};
    process.kill(-(child.pid ?? Number.NaN), 'SIGINT');
  };
  let [output, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    output += more;
    onText(output, () => interrupt());
  });
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    said += more;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: linesOf(output), said, left: await leftIn(temporary) };
}

/** Runs the demo in this process, which costs less. Rejects where the command would end with another code than 0. */
export async function demonstrateHere(show: Show): Promise<Pick<Ended, 'lines' | 'left'>> {
  const before = process.env['TMPDIR'];
  const temporary = await mkdtemp(join(tmpdir(), 'k8sta-demo-'));
  process.env['TMPDIR'] = temporary;
  const stream = new PassThrough();
  const output = text(stream);
  try {
    await demonstrate(show, stream as unknown as WriteStream, AbortSignal.timeout(hangMs));
  } finally {
    stream.end();
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
  return { lines: linesOf(await output), left: await leftIn(temporary) };
}

function linesOf(output: string): string[] {
  return output.trimEnd().split('\n');
}

/** The files of a demo that are left, and the processes that use them. Removes the files. */
async function leftIn(temporary: string): Promise<string[]> {
  const { stdout: running } = await promisify(execFile)('ps', ['-eo', 'args']);
  const files = (await readdir(temporary)).filter((name) => !/^(tsx|node-compile-cache)/.test(name));
  await rm(temporary, { recursive: true });
  return [...files, ...running.split('\n').filter((line) => line.includes(temporary))];
}
