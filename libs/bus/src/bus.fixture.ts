import { type BusEvent, eventId, everyUse } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { connect, type NatsConnection } from 'nats';
import { type Bus, type BusOptions, connectBus } from './bus.js';
import type { Log } from './log.js';

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A NATS server with a bus on it. */
export interface Stage {
  readonly nats: NatsServer;
  /** May do everything. */
  readonly bus: Bus;
  readonly raw: NatsConnection;
  /** Another bus that may do everything, which the test closes. */
  open(options?: Partial<BusOptions>): Promise<Bus>;
}

/** A stage of its own for each test of the suite. */
export function stageForEach(): Stage {
  const open: Stage['open'] = (options) =>
    connectBus({
      ...{ service: 'tracker', uses: everyUse, connection: { servers: stage.nats.url }, log: quiet },
      ...options,
    });
  const stage = { open } as { -readonly [Key in keyof Stage]: Stage[Key] };
  beforeEach(async () => {
    stage.nats = await startNats();
    stage.bus = await open();
    stage.raw = await connect({ servers: stage.nats.url });
  });
  afterEach(async () => {
    await stage.raw.close();
    await stage.bus.close();
    await stage.nats.stop();
  });
  return stage;
}

export function opened(ticket: string): BusEvent {
  const image = { repository: 'ghcr.io/acme/storefront', tag: '1.0.0' };
  const data = { ticket, track: 'storefront', image, sender: 'dockerhub', pushedAt: '2026-01-02T03:04:05Z' };
  return { type: 'ticket.opened', id: eventId('ticket.opened', ticket), ticketId: ticket, data };
}

/** An Application of the namespace argocd that is gone; each `occasion` is an event of its own. */
export function gone(name: string, { occasion = 1, namespace = 'argocd' } = {}): BusEvent {
  const data = { instance: 'default', namespace, name, uid: 'x', observedAt: '2026-01-02T03:04:05Z' };
  return { type: 'application.gone', id: eventId('application.gone', namespace, name, occasion), data };
}

/** Collects what a handler is given and resolves once there is enough of it. */
export function collector<T>() {
  const items: T[] = [];
  let wake = () => {};
  return {
    items,
    add(item: T) {
      items.push(item);
      wake();
    },
    async reach(count: number): Promise<T[]> {
      while (items.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return items;
    },
  };
}
