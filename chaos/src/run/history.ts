import { setTimeout as delay } from 'node:timers/promises';
import { envelopeSchema, partId, tap } from '@k8sta/contracts';
import type { DeployedNats } from '@k8sta/sandbox';
import { connect, type JetStreamManager, type NatsConnection } from 'nats';
import { z } from 'zod';
import { type Happened, isEnd } from '../evidence.js';

const data = z.object({
  ticket: z.string(),
  track: z.string(),
  image: z.looseObject({ tag: z.string() }).optional().catch(undefined),
  station: z.string().optional(),
  promotion: z.string().optional(),
  part: z.int().optional(),
  commit: z.string().optional(),
  repository: z.string().optional().catch(undefined),
  number: z.int().optional(),
  by: z.string().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
});

/**
 * The history of Tickets and promotions as its stream holds it. It reads message by message: a consumer, which nats-server
 * keeps in memory, would be lost with each kill.
 */
export class History {
  readonly events: Happened[] = [];
  readonly ended = new Set<string>();
  readonly #connection: NatsConnection;
  readonly #listeners = new Set<(event: Happened) => void>();
  #isClosed = false;
  #following: Promise<void> = Promise.resolve();

  static async of(nats: DeployedNats): Promise<History> {
    const reconnect = { maxReconnectAttempts: -1, reconnectTimeWait: 100 };
    const connection = await connect({ ...nats.as(tap), ...reconnect });
    const manager = await connection.jetstreamManager({ timeout: 2_000 });
    const history = new History(connection);
    history.#following = history.#follow(manager);
    return history;
  }

  private constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  onEvent(listener: (event: Happened) => void): void {
    this.#listeners.add(listener);
  }

  /** Resolves after so many more events, or when there was none for so long. */
  async after(count: number, quietMs: number): Promise<void> {
    const target = this.events.length + count;
    while (this.events.length < target) {
      const before = this.events.length;
      await this.#nextWithin(quietMs);
      if (this.events.length === before) return;
    }
  }

  /** Reads what is left in the stream. */
  async finish(): Promise<void> {
    this.#isClosed = true;
    await this.#following;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#connection.close();
  }

  #nextWithin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer);
        this.#listeners.delete(over);
        resolve();
      };
      const timer = setTimeout(over, ms);
      this.#listeners.add(over);
    });
  }

  async #follow(manager: JetStreamManager): Promise<void> {
    for (let sequence = 1; ; ) {
      const message = await manager.streams.getMessage('K8STA', { seq: sequence }).catch((error: Error) => error);
      if (message instanceof Error) {
        // No such message yet, or nats-server is away.
        if (this.#connection.isClosed() || (this.#isClosed && /no message found/.test(message.message))) return;
        await delay(30);
        continue;
      }
      sequence += 1;
      this.#take(message.json());
    }
  }

  #take(json: unknown): void {
    const { type, ...envelope } = envelopeSchema.parse(json);
    const { image, promotion, part, ticket, track, ...head } = data.parse(envelope.data);
    const event: Happened = {
      ...{ type, ticket, track },
      ...withoutUndefined({ ...head, tag: image?.tag }),
      ...(promotion !== undefined && part !== undefined && { part: partId(promotion, part) }),
    };
    this.events.push(event);
    if (isEnd(event)) this.ended.add(event.ticket);
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function withoutUndefined(head: Record<string, unknown>): Partial<Happened> {
  return Object.fromEntries(Object.entries(head).filter(([, value]) => value !== undefined));
}
