import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { deployedNodeArguments } from './deployed.js';
import { freePort } from './port.js';
import { type RunningProcess, startProcess } from './process.js';
import { until } from './until.js';

export interface ServiceOptions {
  readonly name: string;
  /** The file URL of its `main`. */
  readonly entry: string;
  /** Its `K8STA_*` variables; `startService` chooses the status port. */
  readonly environment: Record<string, string>;
  /** Further arguments of its Node.js, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
  /** Called with each line that any of its processes writes. */
  readonly onLine?: (line: string) => void;
}

/** One of our own services as a process that a test can kill and restart. */
export interface Service {
  readonly name: string;
  readonly statusUrl: string;
  readonly pid: number;
  readonly isRunning: boolean;
  /** Resolves, never rejects, with a sentence on how the running process ended. */
  readonly ended: Promise<string>;
  lastOutput(): string;
  /** Resolves when `/readyz` answers 200; rejects with its reason and the last output if it does not in time. */
  ready(): Promise<void>;
  /** Sends SIGKILL or another signal and waits until it has exited. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again with the same environment, without waiting until it is ready. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The arguments that Node.js needs for this file. Source runs under a loader and as this process does. A built file needs none
 * and starts in a third of the time.
 */
export function argumentsToRun(file: string): readonly string[] {
  return file.endsWith('.ts') ? ['--import', 'tsx', ...process.execArgv] : [];
}

const require = createRequire(import.meta.url);

/** The arguments of a Node.js that runs what this package exports first, source or built: a command line that a test starts. */
export function argumentsOf(packageName: string): readonly string[] {
  const main = require.resolve(packageName);
  return [...argumentsToRun(main), main];
}

/**
 * Starts a service from the file that its package exports, source or built. Its Node.js has the arguments of the image.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { name, entry, environment, nodeArguments = [], onLine = () => {} } = options;
  const main = fileURLToPath(entry);
  const statusPort = await freePort();
  const statusUrl = `http://127.0.0.1:${statusPort}`;
  const deployed = await deployedNodeArguments();
  const launch = (): Promise<RunningProcess> =>
    startProcess({
      command: process.execPath,
      args: [...argumentsToRun(main), ...deployed, ...nodeArguments, main],
      install: 'Node.js',
      ready: { port: statusPort },
      readyWithinMs: 60_000,
      onLine,
      environment: { PATH: process.env['PATH'], ...environment, K8STA_STATUS_PORT: String(statusPort) },
    });
  let running = await launch();
  return {
    name,
    statusUrl,
    get pid() {
      return running.pid;
    },
    get isRunning() {
      return running.isRunning;
    },
    get ended() {
      return running.ended;
    },
    lastOutput: () => running.lastOutput(),
    async ready() {
      let why = 'no answer';
      const isReady = async () => {
        if (!running.isRunning)
          throw new Error(`${name}: ${await running.ended}; its last output:\n${running.lastOutput()}`);
        const answer = await fetch(`${statusUrl}/readyz`).catch(() => undefined);
        why = (await answer?.text()) ?? 'no answer';
        return answer?.ok;
      };
      // A service writes a line when it has started. Each question before that costs it, and NATS, the answer of its checks.
      const pause = () => running.nextOutput();
      await until(isReady, { what: `${name} being ready`, deadlineMs: 60_000, pause }).catch((error: Error) => {
        throw new Error(`${error.message}; /readyz: ${why}; its last output:\n${running.lastOutput()}`);
      });
    },
    kill: (signal) => running.kill(signal),
    async restart() {
      await running.stop();
      running = await launch();
    },
    stop: () => running.stop(30_000),
  };
}
