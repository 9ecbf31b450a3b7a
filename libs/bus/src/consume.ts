import { setTimeout as pause } from 'node:timers/promises';
import {
  type BusEvent,
  type DeadReason,
  type DefinitionOf,
  durableOf,
  type EventType,
  eventId,
  filterFor,
  type Tracing,
} from '@k8sta/contracts';
import { unreachable } from '@k8sta/text';
import type { ConsumerMessages, JetStreamClient, JetStreamManager, JsMsg } from 'nats';
import { backoffMs } from './backoff.js';
import { type ConsumerSpec, ensureConsumer, type Streams } from './ensure.js';
import type { Handler, Received } from './handler.js';
import type { Log } from './log.js';
import { logOnce } from './log-once.js';
import type { Outcome } from './outcome.js';
import { insist, reasonOf } from './refusal.js';
import { handled } from './trace.js';
import { unwrap } from './wrap.js';

export interface ConsumeOptions {
  /** How many messages are handled at once; a message that waits for its redelivery does not count. */
  readonly concurrency: number;
}

/** A running consumer. */
export interface Consumption {
  /** Takes no further message and waits for those that are being handled. */
  stop(): Promise<void>;
}

/** What a consumer needs of the bus around it. */
export interface ConsumerSurroundings {
  readonly service: string;
  readonly log: Log;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly streams: Streams;
  readonly ackWaitMs: number;
  readonly publish: (event: BusEvent) => Promise<unknown>;
  readonly onOutcome: (type: EventType, outcome: Outcome, deliveries: number) => void;
  readonly tracing?: Tracing | undefined;
}

/** Consumes one type of event by the service's durable, until stopped. Creates the durable again if it disappears. */
export async function consume<Type extends EventType>(
  definition: DefinitionOf<Type>,
  handler: Handler<Type>,
  { concurrency }: ConsumeOptions,
  bus: ConsumerSurroundings,
): Promise<Consumption> {
  const spec = specOf(definition, bus);
  await insist(() => ensureConsumer(bus.manager, spec));
  const inHand = new Set<Promise<void>>();
  let stopped = false;
  let messages: ConsumerMessages | undefined;

  const takeAll = async (): Promise<void> => {
    messages = await openMessages(spec, concurrency, bus);
    once.recovered({ durable: spec.durable }, 'consuming again');
    // stop() came before there was anything to close, and waits for the loop below.
    if (stopped) messages.stop();
    for await (const message of messages) {
      if (stopped) {
        message.nak();
        continue;
      }
      const work = handle(message, definition.type as Type, handler, bus).finally(() => inHand.delete(work));
      inHand.add(work);
      if (inHand.size >= concurrency) await Promise.race(inHand);
    }
  };
  const once = logOnce(bus.log);
  const pump = async (): Promise<void> => {
    while (!stopped) {
      await takeAll().catch((error: unknown) => {
        const message = reasonOf(error);
        if (!stopped) once.failed(message, { durable: spec.durable, message }, 'consuming failed, retrying');
      });
      // Asking a server that is away a thousand times a second would not help.
      if (!stopped) await pause(250);
    }
  };
  const pumping = pump();
  return {
    async stop() {
      stopped = true;
      await messages?.close();
      await pumping;
      await Promise.all(inHand);
    },
  };
}

function specOf(definition: DefinitionOf<EventType>, bus: ConsumerSurroundings): ConsumerSpec {
  return {
    stream: definition.stream,
    durable: durableOf(bus.service, definition.type),
    filter: filterFor(definition),
    ackWaitMs: bus.ackWaitMs,
    // A message that waits for its redelivery counts as pending; it must not stop the others.
    maxAckPending: 20_000,
  };
}

/** Ends with an error when the stream or the durable disappears. */
async function openMessages(
  spec: ConsumerSpec,
  concurrency: number,
  bus: ConsumerSurroundings,
): Promise<ConsumerMessages> {
  await bus.streams.ensure();
  await ensureConsumer(bus.manager, spec);
  const consumer = await bus.jetstream.consumers.get(spec.stream, spec.durable);
  return consumer.consume({
    max_messages: concurrency,
    expires: 5_000,
    idle_heartbeat: 1_000,
    abort_on_missing_resource: true,
  });
}

type Fields = Record<string, unknown>;

/** A message with so many deliveries has been retried for about half a minute. */
const lastingDeliveries = 8;

async function handle<Type extends EventType>(
  message: JsMsg,
  type: Type,
  handler: Handler<Type>,
  bus: ConsumerSurroundings,
): Promise<void> {
  const deliveries = message.info.redeliveryCount;
  const fields: Fields = { subject: message.subject, sequence: message.seq, deliveries };
  // A handler may take longer than the ack wait: this tells the server that it is still working.
  const working = setInterval(() => message.working(), bus.ackWaitMs / 3);
  try {
    const read = unwrap(type, message.string(), message.subject);
    if ('event' in read && read.event.ticketId) fields['ticketid'] = read.event.ticketId;
    const outcome: Outcome =
      'fault' in read
        ? { is: 'never', ...read.fault }
        : await run({ ...read.event, sequence: message.seq, deliveries }, handler, bus);
    await settle(message, outcome, fields, bus);
    bus.onOutcome(type, outcome, deliveries);
  } catch (error) {
    const delayMs = backoffMs(deliveries, Math.random());
    // A failure that passes by itself does so within seconds; any other needs a person.
    const level = deliveries < lastingDeliveries ? 'warn' : 'error';
    bus.log[level]({ ...fields, err: error, delayMs }, 'message could not be handled, retrying');
    bus.onOutcome(type, { is: 'later', delayMs, because: 'exception' }, deliveries);
    message.nak(delayMs);
  } finally {
    clearInterval(working);
  }
}

function run<Type extends EventType>(
  event: Received<Type>,
  handler: Handler<Type>,
  { tracing }: ConsumerSurroundings,
): Promise<Outcome> {
  return tracing ? handled(tracing, event, handler) : handler(event);
}

async function settle(message: JsMsg, outcome: Outcome, fields: Fields, bus: ConsumerSurroundings): Promise<void> {
  switch (outcome.is) {
    case 'done':
      message.ack();
      return;
    case 'later':
      bus.log.info(
        { ...fields, message: outcome.because, delayMs: outcome.delayMs },
        'message not handled now, retrying',
      );
      message.nak(outcome.delayMs);
      return;
    case 'never':
      // First the dead letter is stored, then the message is terminated: if that fails, NATS redelivers the message.
      await bus.publish(deadLetterOf(message, outcome.reason, outcome.cause, bus.service));
      bus.log.error({ ...fields, reason: outcome.reason, cause: outcome.cause }, 'dead letter');
      message.term();
      return;
    default:
      unreachable('outcome', outcome);
  }
}

const payloadLimit = 64 * 1024;

function deadLetterOf(message: JsMsg, reason: DeadReason, cause: string, service: string): BusEvent {
  const { stream } = message.info;
  return {
    type: 'dead.letter',
    id: eventId('dead.letter', service, stream, message.seq),
    data: {
      service,
      reason,
      cause,
      original: {
        stream,
        sequence: message.seq,
        subject: message.subject,
        deliveries: message.info.redeliveryCount,
        payload: message.string().slice(0, payloadLimit),
      },
      diedAt: new Date().toISOString(),
    },
  };
}
