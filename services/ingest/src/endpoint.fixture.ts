import assert from 'node:assert/strict';
import { type Bus, connectBus, type Log } from '@k8sta/bus';
import { everyUse } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { Registry } from 'prom-client';
import { createMetrics } from './metrics.js';
import { RateLimit } from './rate-limit.js';
import { type ServerOptions, startServer, type WebhookServer } from './server.js';

type Endpoint = Pick<ServerOptions, 'tracks' | 'bodyLimit'> & Partial<ServerOptions>;

/** What a test of an endpoint needs: a NATS server, its bus, its log and its metrics. */
export class EndpointStage {
  readonly nats: NatsServer;
  readonly bus: Bus;
  /** May use everything on the bus. */
  readonly others: Bus;
  readonly log: Log;
  readonly logged: string[];
  readonly metrics = new Registry();
  readonly #counted = createMetrics(this.metrics);

  private constructor(parts: Pick<EndpointStage, 'nats' | 'bus' | 'others' | 'log' | 'logged'>) {
    this.nats = parts.nats;
    this.bus = parts.bus;
    this.others = parts.others;
    this.log = parts.log;
    this.logged = parts.logged;
  }

  /** On a server of its own, unless there is one. */
  static async start(running?: NatsServer): Promise<EndpointStage> {
    const logged: string[] = [];
    const note =
      (level: string, textOf: (fields: object) => unknown[] = () => []) =>
      (fields: object, message: string) =>
        void logged.push(`${JSON.stringify([message, fields, ...textOf(fields)])} ${level}`);
    const [debug, info, warn] = [note('debug'), note('info'), note('warn')];
    // JSON shows nothing of an error.
    const log: Log = { debug, info, warn, error: note('error', (fields) => Object.values(fields).map(String)) };
    const nats = running ?? (await startNats());
    const connection = { servers: nats.url };
    const others = await connectBus({ service: 'tracker', uses: everyUse, connection, log });
    const bus = await connectBus({ service: 'ingest', connection, log });
    return new EndpointStage({ nats, bus, others, log, logged });
  }

  /** Takes no webhook of a registry, unless the endpoint has senders. */
  open(endpoint: Endpoint, rate: number): Promise<WebhookServer> {
    return startServer(
      {
        ...{ senders: [], secrets: { of: async () => [] }, storage: { store: async () => new Map() } },
        ...{ judge: async () => [], now: () => new Date(), rateLimit: new RateLimit(rate, 2) },
        ...{ log: this.log, metrics: this.#counted, ...endpoint },
      },
      0,
      '127.0.0.1',
    );
  }

  /** Stops it, but for NATS, which a test may have replaced. Nothing that was logged or measured may match. */
  async stop(secret: RegExp): Promise<void> {
    await this.bus.close();
    await this.others.close();
    assert.doesNotMatch(this.logged.join('\n') + (await this.metrics.metrics()), secret);
  }
}
