import {
  type ApiInput,
  type ApiReply,
  type ApiVerb,
  apiQuestion,
  type EventType,
  operator,
  operatorWordEvent,
  type Question,
  type Service,
  type StreamName,
  stateBucket,
  subjectsOfTrack,
  type TokensFor,
  tap,
  usesOf,
} from '@k8sta/contracts';
import { connect, Events, type NatsConnection, NatsError, type QueuedIterator } from 'nats';
import type { z } from 'zod';
import { ask } from './ask.js';
import { type BusConnection, connectionOptions, openConnection } from './connection.js';
import { Undeclared } from './declared.js';
import { streamsFor, untilStreams } from './ensure.js';
import type { Following } from './follow.js';
import { messagesSince } from './history.js';
import type { Log } from './log.js';
import { BusRefusal, connectionRefusal, insist, NotPermitted, reasonOf } from './refusal.js';
import { deferred, held, newest, ofType, present, readThen } from './tap-reading.js';
import type { AnyUnwrapped, Unwrapped } from './wrap.js';

/** What happens to Tickets is in this stream. */
const historyStream = operatorWordEvent.stream;

/** A person's view of the bus: it publishes no event and creates no stream, bucket or durable. */
export interface Tap {
  /** Every event from now on, of all streams, as it is published. */
  events(take: (event: AnyUnwrapped) => void): Promise<void>;
  /**
   * The newest event of each subject of the stream, then each event as it is stored. Skips what cannot be read. Resolves
   * when everything that was stored has been passed on.
   */
  newest(stream: StreamName, take: (event: AnyUnwrapped) => void): Promise<void>;
  /**
   * Each value under these keys of the state bucket, then each change; undefined for a removed key. Resolves when all values
   * that existed have been passed on.
   */
  states(keys: string, take: (key: string, value: string | undefined) => void): Promise<void>;
  /** Each event that the stream holds now, oldest first, with its place. Skips what cannot be read. Resolves after the last. */
  held(stream: StreamName, take: (event: AnyUnwrapped, sequence: number) => void): Promise<void>;
  /**
   * Each event of this type that its stream holds, oldest first, with its place, then each new one. Skips what cannot be
   * read. Resolves when everything that was stored has been passed on.
   */
  recorded<Type extends EventType>(type: Type, take: (event: Unwrapped<Type>, sequence: number) => void): Promise<void>;
  /** Each event of this type whose subject has these tokens and that its stream holds now, oldest first, with its place. */
  history<Type extends EventType>(
    type: Type,
    tokens: Partial<TokensFor<Type>>,
    take: (event: Unwrapped<Type>, sequence: number) => void,
  ): Promise<void>;
  /**
   * Each event about the Track that was stored since then, oldest first. Needs no consumer, so that a user may read it that
   * may not create one. Skips what cannot be read.
   */
  ofTrack(track: string, start: Date, take: (event: AnyUnwrapped, sequence: number) => void): Promise<void>;
  /** Asks the API as this actor. As {@link ask}. */
  call<Verb extends ApiVerb>(
    actor: string,
    verb: Verb,
    request: ApiInput<Verb>,
    timeoutMs: number,
  ): Promise<ApiReply<Verb> | undefined>;
  /**
   * Asks a question of operators. Returns undefined when no service answered in time. Throws a {@link BusRefusal} if the user
   * may not ask it.
   */
  ask<Request extends z.ZodType, Reply extends z.ZodType>(
    question: Question<Request, Reply>,
    request: z.input<Request>,
    timeoutMs: number,
  ): Promise<z.output<Reply> | undefined>;
  /** Called with false when the connection is lost, and with true when it is back. */
  connection(take: (isConnected: boolean) => void): void;
  close(): Promise<void>;
}

/** Throws a {@link BusRefusal} when the bus cannot be reached; reading throws one when K8sTA does not run on it yet. */
export async function openTap(to: BusConnection, user: string = tap): Promise<Tap> {
  return tapOn(await connectOnce(to, user));
}

/**
 * The tap of a service that watches the bus. Retries until a server answers, and waits until the streams exist. Throws a
 * {@link BusRefusal} if the server refuses our user.
 */
export async function openServiceTap(service: Service, to: BusConnection, log: Log): Promise<Tap> {
  if (!usesOf(service).watches)
    throw new Undeclared(`${service} does not watch the bus: see watchers in libs/contracts`);
  const connection = await openConnection(service, to, log);
  try {
    const manager = await insist(() => connection.jetstreamManager());
    await insist(() => untilStreams(streamsFor(manager, false, { replicas: 1 }), log));
    return tapOn(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function tapOn(connection: NatsConnection): Tap {
  const jetstream = connection.jetstream();
  const open: (Following | Pick<QueuedIterator<unknown>, 'stop'>)[] = [];
  return {
    async events(take) {
      const read = readThen(take);
      // This also receives questions and answers, which are not events.
      connection.subscribe('k8sta.>', { callback: (_error, message) => read(message) });
      await connection.flush();
    },
    async newest(stream, take) {
      const { messages, taken } = await newest(connection, stream, take);
      open.push(messages);
      await taken;
    },
    async held(stream, take) {
      const reading = await held(connection, stream, take);
      await reading?.taken.finally(() => reading.messages.stop());
    },
    async recorded(type, take) {
      const { messages, taken } = await ofType(connection, type, {}, take);
      open.push(messages);
      await taken;
    },
    async history(type, tokens, take) {
      const { messages, taken } = await ofType(connection, type, tokens, take);
      await taken.finally(() => messages.stop());
    },
    async ofTrack(track, start, take) {
      await present(async () => {
        const manager = await connection.jetstreamManager();
        for await (const message of messagesSince(manager, historyStream, subjectsOfTrack(track), start)) {
          readThen((event) => take(event, message.seq))(message);
        }
      });
    },
    async call(actor, verb, request, timeoutMs) {
      const question = apiQuestion(actor, verb);
      const asked = ask<z.ZodType, z.ZodType>(connection, question, request, timeoutMs);
      const reply = await asked.catch(permitted(question.subject, `a user that may speak as ${actor}`));
      return reply as ApiReply<typeof verb> | undefined;
    },
    ask: (question, request, timeoutMs) =>
      ask(connection, question, request, timeoutMs).catch(permitted(question.subject, `the user ${operator}`)),
    async states(keys, take) {
      const { promise: taken, resolve } = deferred();
      const entries = await present(async () => {
        const bucket = await jetstream.views.kv(stateBucket, { bindOnly: true });
        return bucket.watch({ key: keys, initializedFn: resolve });
      });
      open.push(entries);
      (async () => {
        for await (const entry of entries) {
          take(entry.key, entry.operation === 'PUT' ? entry.string() : undefined);
        }
      })().catch(() => {});
      await taken;
    },
    connection(take) {
      (async () => {
        for await (const { type } of connection.status()) {
          if (type === Events.Disconnect) take(false);
          else if (type === Events.Reconnect) take(true);
        }
      })().catch(() => {});
    },
    async close() {
      for (const each of open) each.stop();
      await connection.close();
    },
  };
}

/** Says which user to be, if NATS refuses ours. */
function permitted(subject: string, who: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof NatsError) || !error.isPermissionError()) throw error;
    throw new NotPermitted(`NATS does not let this user publish ${subject}: connect as ${who}`);
  };
}

async function connectOnce(to: BusConnection, user: string): Promise<NatsConnection> {
  try {
    return await connect(connectionOptions(user, to));
  } catch (error) {
    throw connectionRefusal(error) ?? new BusRefusal(`${[to.servers].flat().join(', ')}: ${reasonOf(error)}`);
  }
}
