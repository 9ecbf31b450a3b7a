import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { atExit } from './exit.js';
import { isListening } from './port.js';
import { until } from './until.js';

/**
 * In its own process group: Ctrl-C in a terminal signals the whole foreground group, and an orderly shutdown is impossible if
 * a server stops before the processes that need it.
 */
export const ownGroup = { detached: true } as const;

export interface ProcessOptions {
  command: string;
  args?: string[];
  /** What a person must install if the command is not on PATH. */
  install: string;
  /** When the process counts as started: by its output so far (bounded), or by a port of 127.0.0.1 that accepts connections. */
  ready: { output: (text: string) => boolean } | { port: number };
  readyWithinMs?: number;
  /** Called with each line of stdout and stderr. */
  onLine?: (line: string) => void;
  directory?: string;
  environment?: NodeJS.ProcessEnv;
}

export interface RunningProcess {
  readonly pid: number;
  /** Resolves, never rejects, with a sentence on how it ended. */
  readonly ended: Promise<string>;
  readonly isRunning: boolean;
  /** The last lines of stdout and stderr, in their order. */
  lastOutput(): string;
  /** Resolves when it writes something or ends, or after 100 ms: then it may be ready. */
  nextOutput(): Promise<void>;
  /** Sends it a signal (default: SIGKILL) and waits until it has exited. */
  kill(signal?: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<void>;
  /** SIGTERM, and SIGKILL if it has not exited after the grace period. */
  stop(graceMs?: number): Promise<void>;
}

/** Starts a program and waits until it is ready. It cannot outlive this process. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const child = spawn(options.command, options.args ?? [], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.directory,
    env: options.environment ?? process.env,
    ...ownGroup,
  });
  const forget = atExit(() => child.kill('SIGKILL'));
  const running = new Child(child, options);
  running.ended.then(forget);
  try {
    await untilReady(running, options);
  } catch (error) {
    await running.kill();
    throw error;
  }
  return running;
}

async function untilReady(running: Child, { ready, command, readyWithinMs = 15_000 }: ProcessOptions): Promise<void> {
  const isReady = async () => {
    if (!running.isRunning) throw new Error(await running.ended);
    return 'port' in ready ? isListening(ready.port) : ready.output(running.lastOutput());
  };
  const pause = () => running.nextOutput();
  const waiting = until(isReady, { what: `${command} being ready`, deadlineMs: readyWithinMs, pause });
  await waiting.catch((error: Error) => {
    const output = running.lastOutput();
    throw new Error(output ? `${error.message}; its last output:\n${output}` : error.message);
  });
}

class Child implements RunningProcess {
  readonly ended: Promise<string>;
  isRunning = true;
  readonly #child: ChildProcess;
  readonly #events = new EventEmitter();
  #output = '';

  constructor(child: ChildProcess, { command, install, onLine }: ProcessOptions) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-8_000);
        this.#events.emit('output');
      });
      if (stream && onLine) createInterface({ input: stream }).on('line', onLine);
    }
    this.ended = new Promise((resolve) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        if (child.pid !== undefined) return;
        this.isRunning = false;
        resolve(error.code === 'ENOENT' ? `${command} is not on PATH: ${install}` : `${command}: ${error.message}`);
      });
      // 'close' and not 'exit', because then all of the output has been read.
      child.once('close', (code, signal) => {
        this.isRunning = false;
        resolve(`${command} ended ${signal ? `by ${signal}` : `with exit code ${code}`}`);
      });
    });
    this.ended.then(() => this.#events.emit('output'));
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  lastOutput(): string {
    return this.#output.split('\n').slice(-40).join('\n').trim();
  }

  async nextOutput(): Promise<void> {
    await once(this.#events, 'output', { signal: AbortSignal.timeout(100) }).catch(() => {});
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT' = 'SIGKILL'): Promise<void> {
    if (this.isRunning) this.#child.kill(signal);
    await this.ended;
  }

  async stop(graceMs = 5_000): Promise<void> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    try {
      await this.kill('SIGTERM');
    } finally {
      clearTimeout(force);
    }
  }
}
