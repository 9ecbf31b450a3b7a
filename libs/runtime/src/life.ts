import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { oneLine } from '@k8sta/contracts';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { ConfigError, commonOptions } from './config.js';
import { portReason } from './port.js';
import { within } from './within.js';

/**
 * Throws, with words a person can act on, while what it looks at does not work. Returns words (a string) where the service works
 * and somebody has to mend something all the same.
 */
export type Check = () => Promise<unknown>;

export interface Life {
  readonly metrics: Registry;
  /** `/readyz` answers 503 with the reason while a check throws, and 200 with what a check returns. */
  readyWhen(name: string, check: Check): void;
  /** Runs when the service ends, the last one registered first. */
  atEnd(name: string, end: () => Promise<void>): void;
  /** Everything is started: from now on `/readyz` may say so. */
  started(): void;
  readonly statusPort: number;
}

export interface LifeOptions {
  readonly log: Logger;
  readonly statusPort: number;
  /** How long the drain may take before the process gives up on it, in milliseconds. */
  readonly drainMs?: number;
}

/**
 * A service's life from start to SIGTERM: serves `/healthz`, `/readyz` and `/metrics`, and drains in reverse order.
 * A defect (an exception that nobody caught) ends the process with code 1: the next one starts from what is stored.
 */
export async function startLife({ log, statusPort, drainMs = 25_000 }: LifeOptions): Promise<Life> {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const checks = new Map<string, Check>();
  const ends: { name: string; end: () => Promise<void> }[] = [];
  let phase: 'starting' | 'running' | 'ending' = 'starting';

  const server = createServer(
    statusListener(metrics, async () => {
      const { failures, notices } = await run(checks);
      return { failures: phase === 'running' ? failures : [`the service is ${phase}`, ...failures], notices };
    }),
  );
  await listen(server, statusPort);

  const end = async (why: string, code: number): Promise<void> => {
    if (phase === 'ending') return;
    phase = 'ending';
    log.info({ why }, 'ending');
    const late = setTimeout(() => {
      log.error({ drainMs }, 'the drain took too long');
      process.exit(1);
    }, drainMs);
    for (const { name, end: endOne } of ends.reverse()) {
      await endOne().catch((error: unknown) => log.error({ err: error, name }, 'could not be ended cleanly'));
    }
    clearTimeout(late);
    log.info('ended');
    server.close();
    process.exit(code);
  };
  const broken = (error: unknown) => {
    log.fatal({ err: error }, 'a defect: nobody caught this');
    void end('defect', 1);
  };
  process.once('SIGTERM', () => void end('SIGTERM', 0));
  process.once('SIGINT', () => void end('SIGINT', 0));
  process.on('uncaughtException', broken);
  process.on('unhandledRejection', broken);

  return {
    metrics,
    readyWhen: (name, check) => void checks.set(name, check),
    atEnd: (name, endOne) => void ends.push({ name, end: endOne }),
    started() {
      phase = 'running';
      log.info({ statusPort: portOf(server) }, 'started');
    },
    statusPort: portOf(server),
  };
}

/** What the checks say, one line each: why the service cannot work, and what has to be mended although it works. */
interface Readiness {
  readonly failures: readonly string[];
  readonly notices: readonly string[];
}

/** `/healthz`, `/readyz` and `/metrics`. */
function statusListener(metrics: Registry, readiness: () => Promise<Readiness>): RequestListener {
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
    } else reply(404, 'this port has /healthz, /readyz and /metrics\n');
  };
}

async function run(checks: ReadonlyMap<string, Check>): Promise<Readiness> {
  const failures: string[] = [];
  const notices: string[] = [];
  await Promise.all(
    [...checks].map(async ([name, check]) => {
      try {
        const notice = await within(2_000, check());
        if (typeof notice === 'string') notices.push(`${name}: ${oneLine(notice)}`);
      } catch (error) {
        failures.push(`${name}: ${oneLine((error as Error).message)}`);
      }
    }),
  );
  return { failures, notices };
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
