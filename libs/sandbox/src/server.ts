import { freePort } from './port.js';
import { type ProcessOptions, type RunningProcess, startProcess } from './process.js';

/** A real server that can be shot and brought back on the same port with the same data. */
export interface Server {
  readonly url: string;
  readonly port: number;
  /** Of the running process, or of the last one while it is down. */
  readonly pid: number;
  readonly isRunning: boolean;
  /** The last lines of what the running process, or the last one, has written. */
  lastOutput(): string;
  /** SIGKILL, or another signal, and wait until it is gone. The data stays. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again on the same port and data; one that still runs is stopped first. */
  restart(): Promise<void>;
  /** Stops it and removes what it had in the temporary folder. */
  stop(): Promise<void>;
}

export interface ServerPlan {
  scheme: string;
  /** The port asked for; else a free one is found. */
  port: number | undefined;
  launch(port: number): ProcessOptions;
  /** Called once by `stop()`, after the process is gone. */
  removeData(): Promise<void>;
}

const attempts = 10;

/** Starts a server by its plan; where the port is ours to choose, a lost race for it is run again with another. */
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
