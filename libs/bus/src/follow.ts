import { setTimeout as pause } from 'node:timers/promises';
import {
  AckPolicy,
  type ConsumerConfig,
  ConsumerEvents,
  type ConsumerMessages,
  DeliverPolicy,
  ErrorCode,
  Events,
  type JsMsg,
  type NatsConnection,
  NatsError,
  nanos,
  nuid,
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

/** Which messages are passed on; default: all, from the oldest. */
export type Start = Pick<ConsumerConfig, 'filter_subject' | 'opt_start_seq'> &
  Partial<Pick<ConsumerConfig, 'deliver_policy'>>;

/** After so long without a client the server deletes a consumer. */
const inactiveMs = 30_000;

const consumerConfig = {
  ...{ ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.All },
  ...{ mem_storage: true, num_replicas: 1, inactive_threshold: nanos(inactiveMs) },
};

/**
 * Follows a stream by a consumer that is not durable, in the order of the stream and without a gap. Such a consumer is lost with
 * its node of a cluster, and nats.js then waits for the node: this creates another one, which goes on after the last message.
 * It is no ordered consumer of nats.js, which creates another one, too, when it is stopped while the client connects again, and
 * never stops that.
 */
export async function follow(
  connection: NatsConnection,
  stream: string,
  start: Start,
  callback: (message: JsMsg) => void,
): Promise<Following> {
  let last = 0;
  let stopped = false;
  let messages: ConsumerMessages;
  let current = 0;
  const open = async (from: Start): Promise<ConsumerMessages> => {
    current += 1;
    const own = current;
    const manager = await connection.jetstreamManager({ checkAPI: false });
    const { name } = await manager.consumers.add(stream, { ...consumerConfig, name: nuid.next(), ...from });
    const consumer = await connection.jetstream().consumers.get(stream, name);
    let delivered = 0;
    const opened = await consumer.consume({
      ...{ expires: 5_000, idle_heartbeat: heartbeatMs },
      callback(message) {
        // A late message of a consumer that another one has replaced.
        if (own !== current) return;
        delivered += 1;
        // One before it was lost on its way: another consumer gets it again.
        if (message.info.deliverySequence !== delivered) return opened.stop();
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
  messages = await openFirst(() => open(start));
  void keepOpen();
  const stop = () => {
    stopped = true;
    messages.stop();
  };
  // nats.js ends neither the consumer nor its statuses with the connection.
  void connection.closed().then(stop);
  return { stop };
}

/** Nobody answers while a leader is elected. The client waits for five seconds each time. */
const firstTries = 3;

async function openFirst(open: () => Promise<ConsumerMessages>): Promise<ConsumerMessages> {
  for (let tries = 1; ; tries++) {
    try {
      return await open();
    } catch (error) {
      const isUnanswered = error instanceof NatsError && error.code === ErrorCode.Timeout;
      if (!isUnanswered || tries === firstTries) throw error;
    }
  }
}

/** The server has deleted it, with its stream or for another reason. */
const gone: readonly string[] = [ConsumerEvents.ConsumerDeleted, ConsumerEvents.ConsumerNotFound];

/**
 * Resolves when the consumer may be lost: when it is gone, sends no more heartbeats or has ended, or when the client has connected
 * again, since nats.js reports no missing heartbeat after that.
 */
async function lost(messages: ConsumerMessages, connection: NatsConnection): Promise<void> {
  const statuses = connection.status();
  const silent = async () => {
    for await (const { type, data } of await messages.status()) {
      if (gone.includes(type)) return;
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
