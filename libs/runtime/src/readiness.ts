import { sanitizeLine } from '@k8sta/text';
import { Gauge, type Registry } from 'prom-client';
import { withTimeout } from './with-timeout.js';

/**
 * Throws an error that a person can act on while the service cannot work. Returns a string if the service works but a
 * person has to fix something.
 */
export type Check = () => Promise<unknown>;

/** The result of a check: why the service cannot work, or what a person has to fix although it works. */
interface Result {
  readonly name: string;
  readonly failure?: string;
  readonly notice?: string;
}

/** The checks of a service. */
export class Readiness {
  readonly #checks = new Map<string, Check>();

  constructor(registry: Registry) {
    readyMetric(registry, () => this.run());
  }

  add(name: string, check: Check): void {
    this.#checks.set(name, check);
  }

  run(): Promise<Result[]> {
    return Promise.all(
      [...this.#checks].map(async ([name, check]): Promise<Result> => {
        try {
          const notice = await withTimeout(2_000, check());
          return typeof notice === 'string' ? { name, notice: sanitizeLine(notice) } : { name };
        } catch (error) {
          return { name, failure: sanitizeLine((error as Error).message) };
        }
      }),
    );
  }
}

/** Every service has this metric: what `/readyz` says, for alerts. */
export function readyMetric(registry: Registry, run: () => Promise<readonly Result[]>): void {
  new Gauge({
    name: 'k8sta_service_ready',
    help: 'Whether a check of /readyz passes, 1 or 0, by check: nats, redis, kubernetes and others. Each replica reports its own.',
    labelNames: ['check'],
    registers: [registry],
    async collect() {
      for (const { name, failure } of await run()) this.set({ check: name }, failure === undefined ? 1 : 0);
    },
  });
}
