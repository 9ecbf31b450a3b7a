import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const countsSchema = z.strictObject({
  passed: z.int(),
  failed: z.int(),
  skipped: z.array(z.string()),
  /** The title of each failed test or hook, and its error. */
  failures: z.array(z.string()),
  /** Of the run and of what it started; on Linux only. */
  cpuSeconds: z.number().optional(),
});

/** What the reporter counted in one run. */
export type Counts = z.infer<typeof countsSchema>;

export async function readCounts(file: string): Promise<Counts | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : countsSchema.parse(JSON.parse(text));
}

export interface RunResult {
  readonly name: string;
  /** Undefined where mocha ended before it had counted. */
  readonly counts: Counts | undefined;
  /** How the process ended: its exit code, a signal, or why it was ended. */
  readonly exit: number | string;
  readonly seconds: number;
}

/**
 * The last lines of the whole run, and its exit code. The failures are among them because the output of the runs is long, and
 * is often cut where it is kept. A run that ends badly without a failed test counts as a failure. */
export function summarize(results: readonly RunResult[]): { lines: string[]; exitCode: number } {
  const broken = results.filter(({ counts, exit }) => !counts || (counts.failed === 0 && exit !== 0));
  const sum = (of: (counts: Counts) => number) =>
    results.reduce((total, { counts }) => total + (counts ? of(counts) : 0), 0);
  const failed = sum((counts) => counts.failed) + broken.length;
  const skipped = results.flatMap(({ counts }) => counts?.skipped ?? []);
  const lines = [
    ...results.flatMap(({ name, counts }) =>
      counts && counts.failed > 0 ? [...counts.failures, `failed: ${name}`] : [],
    ),
    ...broken.map(({ name, exit }) => `failed: ${name} (${typeof exit === 'number' ? `exit code ${exit}` : exit})`),
    ...(skipped.length > 0 ? [`${skipped.length} skipped: ${skipped.join('; ')}`] : []),
    `${sum((counts) => counts.passed)} passed, ${failed} failed`,
  ];
  return { lines, exitCode: failed > 0 ? 1 : 0 };
}
