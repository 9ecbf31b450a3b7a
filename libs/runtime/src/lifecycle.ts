import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ConfigError, commonOptions } from './config.js';
import { portReason } from './port.js';
import { type Check, Readiness } from './readiness.js';

export interface Lifecycle {
  readonly metrics: Registry;
  /** `/readyz` answers 503 with the reason while a check throws, and 200 with what a check returns. */
  readinessCheck(name: string, check: Check): void;
  /** Runs when the service shuts down; the last one registered runs first. */
  onShutdown(name: string, shutdown: () => Promise<void>): void;
  /** Everything has started: from now on `/readyz` may answer 200. */
  started(): void;
  readonly statusPort: number;
}

export interface LifecycleOptions {
  readonly log: Logger;
  readonly statusPort: number;
  /** How long the shutdown may take before the process exits anyway, in milliseconds. */
  readonly drainMs?: number;
}

/**
 * A service's lifecycle from its start to SIGTERM: serves `/healthz`, `/readyz` and `/metrics`, and shuts down in reverse
 * order. An uncaught exception ends the process with code 1; the next process starts from what is stored.
 */
export async function startLifecycle({ log, statusPort, drainMs = 25_000 }: LifecycleOptions): Promise<Lifecycle> {
  const metrics = new Registry();
  // By default a timer wakes the process a hundred times a second, which costs more than everything else an idle service does.
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: 100 });
  const readiness = new Readiness(metrics);
  const shutdowns: { name: string; shutdown: () => Promise<void> }[] = [];
  let phase: 'starting' | 'running' | 'shutting down' = 'starting';

  const server = createServer(
    statusListener(log, metrics, async () => {
      const results = await readiness.run();
      const failures = results.flatMap(({ name, failure }) => (failure === undefined ? [] : `${name}: ${failure}`));
      const notices = results.flatMap(({ name, notice }) => (notice === undefined ? [] : `${name}: ${notice}`));
      return { failures: phase === 'running' ? failures : [`the service is ${phase}`, ...failures], notices };
    }),
  );
  await listen(server, statusPort);

  const shutDown = async (why: string, code: number): Promise<void> => {
    if (phase === 'shutting down') return;
    phase = 'shutting down';
    log.info({ why }, 'shutting down');
    let waitsFor: string | undefined;
    const late = setTimeout(() => {
      log.error({ drainMs, waitsFor }, 'shutdown took too long');
      process.exit(1);
    }, drainMs);
    for (const { name, shutdown } of shutdowns.reverse()) {
      waitsFor = name;
      await shutdown().catch((error: unknown) => log.error({ err: error, name }, 'could not be shut down cleanly'));
    }
    clearTimeout(late);
    log.info('shut down');
    server.close();
    process.exit(code);
  };
  const onUncaught = (error: unknown) => {
    log.fatal({ err: error }, 'uncaught exception (bug)');
    void shutDown('uncaught exception', 1);
  };
  process.once('SIGTERM', () => void shutDown('SIGTERM', 0));
  process.once('SIGINT', () => void shutDown('SIGINT', 0));
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);

  return {
    metrics,
    readinessCheck: (name, check) => readiness.add(name, check),
    onShutdown: (name, shutdown) => void shutdowns.push({ name, shutdown }),
    started() {
      phase = 'running';
      log.info({ statusPort: portOf(server) }, 'started');
    },
    statusPort: portOf(server),
  };
}

/** The reports of the checks, one on each line: why the service cannot work, and what a person has to fix although it works. */
interface Reports {
  readonly failures: readonly string[];
  readonly notices: readonly string[];
}

/** `/healthz`, `/readyz` and `/metrics`. */
function statusListener(log: Logger, metrics: Registry, readiness: () => Promise<Reports>): RequestListener {
  const answer = async (url: string | undefined): Promise<{ status: number; body: string; type?: string }> => {
    switch (url) {
      case '/healthz':
        return { status: 200, body: 'ok\n' };
      case '/readyz': {
        const { failures, notices } = await readiness();
        if (failures.length === 0) return { status: 200, body: `${['ready', ...notices].join('\n')}\n` };
        return { status: 503, body: `${[...failures, ...notices].join('\n')}\n` };
      }
      case '/metrics':
        return { status: 200, body: await metrics.metrics(), type: metrics.contentType };
      default:
        return { status: 404, body: 'this port serves /healthz, /readyz and /metrics\n' };
    }
  };
  return async ({ url }, response) => {
    const { status, body, type } = await answer(url).catch((error: unknown) => {
      log.error({ err: error, url }, 'status could not be read (bug)');
      return { status: 500, body: 'internal error\n', type: undefined };
    });
    response.writeHead(status, { 'content-type': type ?? 'text/plain; charset=utf-8' }).end(body);
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`${commonOptions.statusPort.env}: ${portReason(port, error)}`]);
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
