import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { argumentsOf } from '@k8sta/sandbox';

/** A figure as `--json` prints it. */
export interface Printed {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly reference?: number;
  readonly ratio?: number;
  readonly goal?: string;
}

/** Runs a bench as a person does, with arguments between spaces. Rejects with what it has printed if it fails. */
export function runBench(line: string): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [...argumentsOf('@k8sta/bench'), ...line.split(' ')]);
}

/** The figures that a bench prints, by name; each has a number and is printed once. */
export async function figuresOf(line: string): Promise<ReadonlyMap<string, Printed>> {
  const { stdout } = await runBench(`${line} --json`);
  const figures = new Map<string, Printed>();
  for (const text of stdout.trim().split('\n')) {
    const printed = JSON.parse(text) as Printed;
    const { bench, figure, value, unit } = printed;
    assert.deepEqual([bench, typeof unit, Number.isFinite(value)], [line.split(' ')[0], 'string', true], text);
    assert.ok(!figures.has(figure), `printed twice: ${text}`);
    figures.set(figure, printed);
  }
  return figures;
}
