/**
 * Runs the tests in several mocha processes at once and adds up what they count:
 * node --import tsx scripts/test.ts [--built] [--jobs <number>] [unit] [real] [flow]
 *
 * With --built, packages, services and commands are what `npm run build` has built from them, which starts in a third of the time.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { folderInMemory } from './tests/memory.js';
import { runMocha } from './tests/mocha.js';
import { planRuns, tiers } from './tests/plan.js';
import { type RunResult, summarize } from './tests/result.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The image test builds for minutes before it writes a line. */
const silenceMs = 6 * 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { built: { type: 'boolean', default: false }, jobs: { type: 'string' } },
});
/** A run waits for servers, deadlines and redeliveries for two thirds of its time. */
const runsPerCore = 3;

const wanted = z.array(z.enum(tiers)).parse(positionals);
const jobs = z.coerce
  .number()
  .int()
  .positive()
  .parse(values.jobs ?? Math.ceil(runsPerCore * availableParallelism()));

/** Below the folders that hold our own files. */
async function testFiles(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ['libs', 'services', 'cli', 'demo', 'test', 'bench', 'chaos', 'scripts']) {
    const entries = await readdir(join(root, folder), { recursive: true });
    found.push(...entries.map((entry) => relative(root, join(root, folder, entry))));
  }
  return found.filter((file) => file.endsWith('.test.ts') && !/(^|\/)(dist|node_modules)\//.test(file));
}

const aborting = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => aborting.abort());

const inMemory = await folderInMemory();
const directory = inMemory ?? (await mkdtemp(join(tmpdir(), 'k8sta-tests-')));
// For the tests, and for all that they start.
if (inMemory) process.env['TMPDIR'] = inMemory;
const queue = [...planRuns(await testFiles(), wanted.length > 0 ? wanted : tiers).entries()];
const results: RunResult[] = [];

async function work(): Promise<void> {
  for (let next = queue.shift(); next && !aborting.signal.aborted; next = queue.shift()) {
    const [at, run] = next;
    const color = process.stdout.isTTY === true;
    const resultFile = join(directory, `${at}.json`);
    const { built } = values;
    const result = await runMocha(run, { root, built, color, resultFile, silenceMs, signal: aborting.signal });
    results.push(result);
    const cpu = result.counts?.cpuSeconds?.toFixed(1) ?? 'unknown';
    process.stdout.write(`${result.output.trimEnd()}\n\n  ${run.name}: ${result.seconds.toFixed(1)} s, CPU ${cpu} s\n`);
  }
}

await Promise.all(Array.from({ length: jobs }, work));
const { lines, exitCode } = summarize(results);
// A test that fails may leave logs there for a person.
if (exitCode === 0) await rm(directory, { recursive: true });
process.stdout.write(`\n${lines.join('\n')}\n`);
process.exitCode = aborting.signal.aborted ? 1 : exitCode;
