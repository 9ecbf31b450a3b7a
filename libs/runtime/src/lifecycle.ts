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
    statusListener(metrics, async () => {
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
function statusListener(metrics: Registry, readiness: () => Promise<Reports>): RequestListener {
  return (request, response) => {
    const reply = (status: number, body: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': type }).end(body);
    if (request.url === '/healthz') reply(200, 'ok\n');
    else if (request.url === '/readyz') {
      readiness().then(({ failures, notices }) => {
        if (failures.length === 0) reply(200, `${['ready', ...notices].join('\n')}\n`);
        else reply(503, `${[...failures, ...notices].join('\n')}\n`);
      });
    } else if (request.url === '/metrics') {
      metrics.metrics().then((text) => reply(200, text, metrics.contentType));
    } else reply(404, 'this port serves /healthz, /readyz and /metrics\n');
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
