import { freePort } from './port.js';
import { type ProcessOptions, type RunningProcess, startProcess } from './process.js';

/** A real server that a test can kill and restart on the same port with the same data. */
export interface Server {
  readonly url: string;
  readonly port: number;
  /** The id of the running process, or of the last one while it is down. */
  readonly pid: number;
  readonly isRunning: boolean;
  /** The last lines of output of the running process, or of the last one. */
  lastOutput(): string;
  /** Sends SIGKILL or another signal and waits until it has exited. The data stays. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again with the same port and data; stops it first if it still runs. */
  restart(): Promise<void>;
  /** Stops it and removes its temporary files. */
  stop(): Promise<void>;
}

export interface ServerPlan {
  scheme: string;
  /** The port; without it, a free one. */
  port: number | undefined;
  launch(port: number): ProcessOptions;
  /** Called once by `stop()`, after the process has exited. */
  removeData(): Promise<void>;
}

const attempts = 10;

/** Starts a server by its plan. If no port is given and another process takes the chosen one first, it tries another. */
export async function startServer(plan: ServerPlan): Promise<Server> {
  try {
    const { port, running } = await launch(plan);
    return new RestartableServer(plan, port, running);
  } catch (error) {
    await plan.removeData();
    throw error;
  }
}

async function launch(plan: ServerPlan): Promise<{ port: number; running: RunningProcess }> {
  for (let attempt = 1; ; attempt++) {
    const port = plan.port ?? (await freePort());
    try {
      return { port, running: await startProcess(plan.launch(port)) };
    } catch (error) {
      const raceLost = /address already in use/i.test(String(error));
      if (!raceLost || plan.port !== undefined || attempt === attempts) throw error;
    }
  }
}

class RestartableServer implements Server {
  readonly url: string;
  readonly port: number;
  readonly #plan: ServerPlan;
  #running: RunningProcess;

  constructor(plan: ServerPlan, port: number, running: RunningProcess) {
    this.#plan = plan;
    this.#running = running;
    this.port = port;
    this.url = `${plan.scheme}://127.0.0.1:${port}`;
  }

  get pid(): number {
    return this.#running.pid;
  }

  get isRunning(): boolean {
    return this.#running.isRunning;
  }

  lastOutput(): string {
    return this.#running.lastOutput();
  }

  async kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.#running.kill(signal);
  }

  async restart(): Promise<void> {
    await this.#running.stop();
    this.#running = await startProcess(this.#plan.launch(this.port));
  }

  async stop(): Promise<void> {
    await this.#running.stop();
    await this.#plan.removeData();
  }
}
