import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Run } from './plan.js';
import { type RunResult, readCounts } from './result.js';

const require = createRequire(import.meta.url);
const mocha = join(dirname(require.resolve('mocha/package.json')), 'bin/mocha.js');

/** The options of `.mocharc.json` but for those of Node.js, which are set here: mocha would start another Node.js for them. */
const { 'node-option': _, ...configured } = require('../../.mocharc.json') as Record<string, unknown>;
const mochaArguments = ['--no-config', ...Object.entries(configured).map(([name, value]) => `--${name}=${value}`)];

export interface MochaOptions {
  readonly root: string;
  /** The other packages as built, and not from source. */
  readonly built: boolean;
  readonly color: boolean;
  /** The file for the reporter's counts. */
  readonly resultFile: string;
  /** How long a run may write nothing, in milliseconds. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** Runs the files in a mocha process of their own. Resolves with what it wrote, too. */
export async function runMocha(run: Run, options: MochaOptions): Promise<RunResult & { output: string }> {
  const began = performance.now();
  // What is built runs without tsx, in the processes that a test starts, too; so mocha loads it, for the tests themselves.
  const node = options.built ? [] : ['--import', 'tsx', '--conditions=source'];
  const loading = options.built ? ['--require', 'tsx'] : [];
  const reporting = [options.color ? '--color' : '--no-color', '--reporter-option', `result=${options.resultFile}`];
  const child = spawn(process.execPath, [...node, mocha, ...loading, ...mochaArguments, ...reporting, ...run.files], {
    cwd: options.root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ending = new Ending(child, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      ending.hear();
    });
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  ending.over();
  return {
    name: run.name,
    counts: await readCounts(options.resultFile),
    exit: ending.why ?? code ?? `ended by ${signal}`,
    seconds: (performance.now() - began) / 1_000,
    output,
  };
}

/** Ends a process that hangs, or that nobody needs any more, and then one that does not end on SIGTERM. */
class Ending {
  why: string | undefined;
  readonly #child: ChildProcess;
  readonly #options: MochaOptions;
  readonly #abort = () => this.#end('ended from outside');
  #silence: NodeJS.Timeout | undefined;
  #force: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, options: MochaOptions) {
    this.#child = child;
    this.#options = options;
    options.signal.addEventListener('abort', this.#abort, { once: true });
    if (options.signal.aborted) this.#abort();
    this.hear();
  }

  hear(): void {
    clearTimeout(this.#silence);
    const { silenceMs } = this.#options;
    this.#silence = setTimeout(() => this.#end(`ended because it wrote nothing for ${silenceMs} ms`), silenceMs);
  }

  over(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#force);
    this.#options.signal.removeEventListener('abort', this.#abort);
  }

  #end(why: string): void {
    this.why ??= why;
    this.#child.kill('SIGTERM');
    this.#force ??= setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
  }
}
