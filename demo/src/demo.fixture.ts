import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { argumentsOf } from '@k8sta/sandbox';

const main = argumentsOf('@k8sta/demo');

export interface Ended {
  code: number | null;
  lines: string[];
  said: string;
  /** Files and processes that it has left behind. */
  left: string[];
}

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
  });
  // As a terminal does, to all processes in its foreground, and only once.
  let interrupt = () => {
    interrupt = () => {};
    process.kill(-(child.pid ?? Number.NaN), 'SIGINT');
  };
  let [output, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    onText(output, () => interrupt());
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const { stdout: running } = await promisify(execFile)('ps', ['-eo', 'args']);
  const left = (await readdir(temporary)).filter((name) => !/^(tsx|node-compile-cache)/.test(name));
  await rm(temporary, { recursive: true });
  return { code, lines: output.trimEnd().split('\n'), said, left: [...left, ...linesWith(running, temporary)] };
}

function linesWith(text: string, word: string): string[] {
  return text.split('\n').filter((line) => line.includes(word));
}
