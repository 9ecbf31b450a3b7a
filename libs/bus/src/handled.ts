import { type DefinitionOf, durableOf, type EventType } from '@k8sta/contracts';
import type { JetStreamManager } from 'nats';
import { orMissing } from './ensure.js';
import type { Log } from './log.js';

/** A replica that was killed keeps a message for one ack wait, and the next one may be killed, too. */
const patienceInAckWaits = 3;

export interface HandledOptions {
  readonly manager: JetStreamManager;
  readonly service: string;
  readonly ackWaitMs: number;
  readonly log: Pick<Log, 'warn'>;
}

/**
 * Which events a service has handled, as its durables say. It also heals a durable of a stream of last values after a crash
 * of nats-server, which writes a durable's answers later than the stream: the durable may then wait for the answer about
 * messages that were answered before, and that newer ones have replaced since. nats-server neither delivers them nor gives
 * them up (https://github.com/nats-io/nats-server/pull/7984), so that nothing would count as handled any more.
 */
export class Handled {
  readonly #options: HandledOptions;
  /** Since when a durable has waited for the same message. */
  readonly #waiting = new Map<string, { readonly floor: number; readonly sinceMs: number }>();

  constructor(options: HandledOptions) {
    this.#options = options;
  }

  /** A message of this type is handed back again: its durable waits for a good reason. */
  postponed(type: EventType): void {
    this.#waiting.delete(durableOf(this.#options.service, type));
  }

  /** Whether the service's durable has handled every event of this type before that sequence. */
  async isBefore({ stream, type }: DefinitionOf<EventType>, before: number): Promise<boolean> {
    const { manager, service } = this.#options;
    const name = durableOf(service, type);
    const durable = await orMissing(manager.consumers.info(stream, name));
    if (!durable) return false;
    const { ack_floor: floor, num_pending: coming, num_ack_pending: inHand } = durable;
    // The floor is the last handled event of this type. Other events of the stream do not move it.
    const isHandled = coming + inHand === 0 || floor.stream_seq + 1 >= before;
    if (isHandled || inHand === 0) this.#waiting.delete(name);
    else if (this.#waitsInVain(name, floor.stream_seq)) await this.#renew(stream, name);
    return isHandled;
  }

  #waitsInVain(name: string, floor: number): boolean {
    const known = this.#waiting.get(name);
    const nowMs = performance.now();
    if (known?.floor === floor) return nowMs - known.sinceMs > patienceInAckWaits * this.#options.ackWaitMs;
    this.#waiting.set(name, { floor, sinceMs: nowMs });
    return false;
  }

  /** The consumers create it again. It delivers each last value once more, which changes nothing. */
  async #renew(stream: string, name: string): Promise<void> {
    const { manager, log } = this.#options;
    this.#waiting.delete(name);
    const { config } = await manager.streams.info(stream);
    // A history would be delivered as a whole. It loses no message in the middle, so that its durables do not wait in vain.
    if (config.max_msgs_per_subject !== 1) return;
    log.warn({ stream, durable: name }, 'durable waits for messages that its stream no longer has, creating it again');
    await orMissing(manager.consumers.delete(stream, name));
  }
}
