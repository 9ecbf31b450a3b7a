import { setTimeout as pause } from 'node:timers/promises';
import {
  type Announcement,
  type ApiHandlers,
  type BusEvent,
  type DefinitionOf,
  definitionOf,
  type EventType,
  noticeBucket,
  type Service,
  type StreamName,
  stateBucket,
  stateKey,
  type Ticket,
  type TokensFor,
  type Tracing,
  ticketSchema,
  type Uses,
  userOf,
  usesOf,
} from '@k8sta/contracts';
import type { z } from 'zod';
import { announce, listen } from './announce.js';
import { type Addressed, type Asked, answer, ask } from './ask.js';
import { type BusConnection, openConnection } from './connection.js';
import { type ConsumeOptions, type Consumption, consume } from './consume.js';
import { Declared } from './declared.js';
import { isMissing, streamsFor, untilStreams } from './ensure.js';
import { Handled } from './handled.js';
import type { Handler } from './handler.js';
import { at, last, since, stored } from './history.js';
import type { Log } from './log.js';
import type { Outcome } from './outcome.js';
import { publisher, type Stored } from './publish.js';
import { insist, reasonOf } from './refusal.js';
import { type ServedApi, serveApi } from './serve.js';
import { openState, readValue, type StateBucket } from './state.js';
import { Storing } from './storing.js';
import { questioned } from './trace.js';
import type { Unwrapped } from './wrap.js';

export interface BusOptions {
  readonly service: Service;
  /** Of an argo-watcher: its Argo CD. Each instance has its own user and durables. */
  readonly instance?: string;
  /** What the service may do on the bus; anything else is refused. Default: what the catalogue says about the service. */
  readonly uses?: Uses;
  readonly connection: BusConnection;
  readonly log: Log;
  /** How many copies of each stream the servers keep. */
  readonly replicas?: number;
  /** How long after a consumer was killed NATS redelivers its messages to another, in milliseconds. */
  readonly ackWaitMs?: number;
  readonly now?: () => Date;
  /** Called with the outcome of each message, for metrics. */
  readonly onOutcome?: (type: EventType, outcome: Outcome, deliveries: number) => void;
  /** Called with the subject and the outcome of each question that this service asked. */
  readonly onAsked?: (question: string, asked: Asked) => void;
  /** Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** How long a closing bus waits for its answers, in milliseconds: some take half a minute, and are asked for again. */
const answersEndMs = 5_000;

/**
 * The bus as a service sees it: events, questions and the state bucket. A call that the service does not declare throws
 * or rejects with `Undeclared`.
 */
export interface Bus {
  /** Resolves once JetStream has stored the event; throws when it has not. */
  publish(event: BusEvent): Promise<Stored>;
  consume<Type extends EventType>(
    type: Type,
    handler: Handler<Type>,
    options?: Partial<ConsumeOptions>,
  ): Promise<Consumption>;
  /** `traceparent` is the cause of the question; default: the message that is being handled. */
  ask<Request extends z.ZodType, Reply extends z.ZodType>(
    question: Addressed<Request, Reply>,
    request: z.input<Request>,
    timeoutMs: number,
    traceparent?: string,
  ): Promise<z.output<Reply> | undefined>;
  /** Answers the question until the bus is closed. */
  answer<Request extends z.ZodType, Reply extends z.ZodType>(
    question: Addressed<Request, Reply>,
    reply: (request: z.output<Request>) => Promise<z.input<Reply>>,
  ): void;
  /** Says something to the other replicas of the service that are there now. */
  announce<Schema extends z.ZodType>(announcement: Announcement<Schema>, data: z.input<Schema>): void;
  /** Calls `hear` with what each replica of the service announces, this one too. */
  listen<Schema extends z.ZodType>(announcement: Announcement<Schema>, hear: (data: z.output<Schema>) => void): void;
  /** Answers the API as a NATS micro service, until stopped; the replicas share its requests. */
  serve(handlers: ApiHandlers): Promise<Consumption>;
  last<Type extends EventType>(
    type: Type,
    tokens: TokensFor<Type>,
  ): Promise<(Unwrapped<Type> & { sequence: number }) | undefined>;
  since<Type extends EventType>(type: Type, tokens: TokensFor<Type>, start: Date): Promise<Unwrapped<Type>[]>;
  /** The event of this type at that place of its stream; undefined if there is none, or if it cannot be read. */
  at<Type extends EventType>(type: Type, sequence: number): Promise<Unwrapped<Type> | undefined>;
  /** Whether this service has handled every event of this type before that sequence. */
  hasHandled(type: EventType, before: number): Promise<boolean>;
  /** The tokens of the subjects that hold an event of this type and have the given tokens. */
  stored<Type extends EventType>(type: Type, given: Partial<TokensFor<Type>>): Promise<TokensFor<Type>[]>;
  readonly state: StateBucket;
  /** What the notifier has sent. */
  readonly notices: StateBucket;
  /** The Ticket in the state bucket; undefined if there is none. */
  ticket(track: string, id: string): Promise<Ticket | undefined>;
  /** When the stream was created: a different time than before means that it was wiped. Creates it if it is missing. */
  createdAt(stream: StreamName): Promise<string>;
  /** The largest message that the server accepts, including headers, in bytes. It may change when the server restarts. */
  maxPayload(): number;
  /** For readiness: throws an error with the reason while the server does not answer, or refuses to store our events. */
  ping(): Promise<void>;
  /**
   * Stops the consumers, the API and the answers, waits for the messages and requests that are being handled, and for answers
   * for five seconds, and closes the connection.
   */
  close(): Promise<void>;
}

/**
 * Connects and waits until the streams exist: the tracker creates them, the other services wait for it. Reconnects whenever
 * the connection is lost. Throws a BusRefusal when NATS refuses us.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const { log, tracing, replicas = 1, ackWaitMs = 10_000, now = () => new Date() } = options;
  const service = userOf(options.service, options.instance);
  const uses = options.uses ?? usesOf(options.service);
  const declared = new Declared(service, uses);
  const connection = await openConnection(service, options.connection, log);
  const { manager, streams } = await orClose(connection, async () => {
    const manager = await insist(() => connection.jetstreamManager());
    const streams = streamsFor(manager, uses.keepsStreams, { replicas });
    await insist(() => untilStreams(streams, log));
    return { manager, streams };
  });
  const jetstream = connection.jetstream();
  const consumptions: Consumption[] = [];
  const answers: Consumption[] = [];
  const served = new Set<ServedApi>();
  const storing = new Storing(() => performance.now());
  const handled = new Handled({ manager, service, ackWaitMs, log });
  const state = openState(jetstream, manager, uses.keepsStreams ? streams : {});
  const notices = openState(jetstream, manager, { name: noticeBucket });

  const publish = publisher({ service, jetstream, streams, declared, storing, now, tracing });
  const read = <Type extends EventType>(type: Type): DefinitionOf<Type> => {
    declared.event('reads', type);
    return define(type);
  };
  return {
    publish,
    async consume(type, handler, { concurrency = 64 } = {}) {
      declared.event('consumes', type);
      const onOutcome: BusOptions['onOutcome'] = (of, outcome, deliveries) => {
        if (outcome.is === 'later') handled.postponed(of);
        options.onOutcome?.(of, outcome, deliveries);
      };
      const surroundings = { service, log, jetstream, manager, streams, ackWaitMs, publish, onOutcome, tracing };
      const consumption = await consume(define(type), handler, { concurrency }, surroundings);
      consumptions.push(consumption);
      return consumption;
    },
    async ask(question, request, timeoutMs, traceparent) {
      declared.question('asks', question.subject);
      const onAsked = (asked: Asked) => options.onAsked?.(question.subject, asked);
      if (!tracing) return ask(connection, question, request, timeoutMs, { onAsked });
      return tracing.span(questioned('client', question.subject, traceparent), (span) =>
        ask(connection, question, request, timeoutMs, { onAsked, traceparent: span?.traceparent }),
      );
    },
    answer(question, reply) {
      declared.question('answers', question.subject);
      const surroundings = { connection, service, log, tracing, now: () => performance.now() };
      answers.push(answer(surroundings, question, reply));
    },
    announce(announcement, data) {
      declared.announcement(announcement.subject);
      announce(connection, announcement, data);
    },
    listen(announcement, hear) {
      declared.announcement(announcement.subject);
      listen(connection, announcement, log, hear);
    },
    async serve(handlers) {
      declared.api();
      const api = await serveApi({ connection, service, log, tracing, now: () => performance.now() }, handlers);
      served.add(api);
      return {
        async stop() {
          served.delete(api);
          await api.stop();
        },
      };
    },
    last: async (type, tokens) => last(manager, read(type), tokens),
    since: async (type, tokens, start) => since(manager, read(type), tokens, start),
    at: async (type, sequence) => at(manager, read(type), sequence),
    stored: async (type, given) => stored(manager, read(type), given),
    async hasHandled(type, before) {
      declared.event('consumes', type);
      return handled.isBefore(define(type), before);
    },
    get state() {
      declared.keeping('the state bucket');
      return state;
    },
    get notices() {
      declared.notices();
      return notices;
    },
    async ticket(track, id) {
      declared.tickets();
      const value = await readValue(connection, stateKey.ticket(track, id));
      return value === undefined ? undefined : ticketSchema.parse(JSON.parse(value));
    },
    async createdAt(stream) {
      declared.keeping('the time of creation of a stream');
      await streams.ensure();
      return (await manager.streams.info(stream)).created;
    },
    maxPayload: () => connection.info?.max_payload ?? Number.POSITIVE_INFINITY,
    async ping() {
      await manager.streams.info(`KV_${stateBucket}`).catch((error: unknown) => {
        if (!isMissing(error)) throw new Error(reasonOf(error));
      });
      storing.check();
    },
    async close() {
      const answered = Promise.all(answers.map((each) => each.stop()));
      await Promise.all([...served, ...consumptions].map((each) => each.stop()));
      // An answer that is lost with the connection is waited for until the question times out: another replica's shutdown, too.
      await Promise.race([answered, pause(answersEndMs, undefined, { ref: false })]);
      // Without a server nothing can be sent any more.
      await connection.flush().catch(() => {});
      await closeWithoutTrace(connection);
    },
  };
}

/** The client reads a stack trace when it closes. Node.js would parse the source maps of the whole service for it. */
function closeWithoutTrace(connection: { close(): Promise<void> }): Promise<void> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return connection.close();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Closes a connection that cannot be used; otherwise it would reconnect forever. */
async function orClose<T>(connection: { close(): Promise<void> }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function define<Type extends EventType>(type: Type): DefinitionOf<Type> {
  const definition = definitionOf(type);
  if (!definition) throw new TypeError(`the catalogue holds no event "${type}"`);
  return definition as DefinitionOf<Type>;
}
