import { setTimeout as pause } from 'node:timers/promises';
import {
  ConsumerEvents,
  type ConsumerMessages,
  DeliverPolicy,
  Events,
  type JsMsg,
  type NatsConnection,
  type OrderedConsumerOptions,
  type QueuedIterator,
} from 'nats';

/** A stream that is being followed. */
export interface Following {
  stop(): void;
}

const heartbeatMs = 1_000;
/** After so many heartbeats in a row that are missing while the connection is there, the consumer counts as lost. */
const lostAfter = 4;

/** NATS may place the new consumer on the dead node, too, for half a minute, and nobody answers then: another one is tried. */
const openWithinMs = 6_000;

/**
 * Follows a stream by a consumer that is not durable, in the order of the stream and without a gap. Such a consumer is lost with
 * its node of a cluster, and nats.js then waits for the node: this creates another one, which goes on after the last message.
 */
export async function follow(
  connection: NatsConnection,
  stream: string,
  start: Partial<OrderedConsumerOptions>,
  callback: (message: JsMsg) => void,
): Promise<Following> {
  let last = 0;
  let stopped = false;
  let messages: ConsumerMessages;
  let current = 0;
  const open = async (from: Partial<OrderedConsumerOptions>): Promise<ConsumerMessages> => {
    current += 1;
    const own = current;
    const consumer = await connection.jetstream().consumers.get(stream, from);
    const opened = await consumer.consume({
      ...{ expires: 5_000, idle_heartbeat: heartbeatMs },
      callback(message) {
        // A late message of a consumer that another one has replaced.
        if (own !== current) return;
        last = message.seq;
        callback(message);
      },
    });
    if (stopped || own !== current) opened.stop();
    return opened;
  };
  const next = () =>
    last === 0 ? start : { ...start, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: last + 1 };
  const reopened = async (): Promise<ConsumerMessages | undefined> => {
    while (!stopped) {
      const opened = open(next()).catch(() => undefined);
      const inTime = await Promise.race([opened, pause(openWithinMs, undefined, { ref: false })]);
      if (inTime) return inTime;
      // Whatever comes of it now has been replaced.
      current += 1;
      await pause(heartbeatMs);
    }
    return undefined;
  };
  const keepOpen = async (): Promise<void> => {
    while (!stopped) {
      await lost(messages, connection);
      if (stopped) return;
      messages.stop();
      const opened = await reopened();
      if (opened) messages = opened;
    }
  };
  messages = await open(start);
  void keepOpen();
  const stop = () => {
    stopped = true;
    messages.stop();
  };
  // nats.js ends neither the consumer nor its statuses with the connection.
  void connection.closed().then(stop);
  return { stop };
}

/**
 * Resolves when the consumer may be lost: when it sends no more heartbeats or has ended, or when the client has connected again,
 * since nats.js reports no missing heartbeat after that.
 */
async function lost(messages: ConsumerMessages, connection: NatsConnection): Promise<void> {
  const statuses = connection.status();
  const silent = async () => {
    for await (const { type, data } of await messages.status()) {
      if (type === ConsumerEvents.HeartbeatsMissed && Number(data) >= lostAfter) return;
    }
  };
  const reconnected = async () => {
    for await (const { type } of statuses) if (type === Events.Reconnect) return;
  };
  await Promise.race([silent(), reconnected()]);
  // An iterator that is not stopped collects events until the connection is closed.
  (statuses as Partial<QueuedIterator<unknown>>).stop?.();
}
