import {
  definitionOf,
  type EventType,
  filled,
  filterFor,
  type StreamName,
  type TokensFor,
  tap,
} from '@k8sta/contracts';
import { DeliverPolicy, type JsMsg, type NatsConnection, NatsError } from 'nats';
import { type Following, follow } from './follow.js';
import { BusRefusal, NotPermitted, reasonOf } from './refusal.js';
import { type AnyUnwrapped, type Unwrapped, unwrap, unwrapAny } from './wrap.js';

/** What a tap reads of a stream. */
export interface Reading {
  readonly messages: Following;
  /** Resolves when everything that was stored has been passed on. */
  readonly taken: Promise<void>;
}

/** Passes on the event of a message. Skips what cannot be read. */
export function readThen(take: (event: AnyUnwrapped) => void) {
  return (message: { string(): string; readonly subject: string }): void => {
    // Its data must not say more than the subject, which is what NATS lets a user publish.
    const event = unwrapAny(message.string(), message.subject);
    if (event) take(event);
  };
}

/** The newest event of each subject, then each event as it is stored. */
export async function newest(
  connection: NatsConnection,
  stream: StreamName,
  take: (event: AnyUnwrapped) => void,
): Promise<Reading> {
  const read = readThen(take);
  const { state } = await present(async () => (await connection.jetstreamManager()).streams.info(stream));
  const { promise: taken, resolve } = deferred();
  const callback = (message: JsMsg) => {
    read(message);
    if (message.info.pending === 0) resolve();
  };
  if (state.messages === 0) resolve();
  const start = { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: '>' };
  return { messages: await present(() => follow(connection, stream, start, callback)), taken };
}

/** Each event that the stream holds now, oldest first, with its place; undefined if it holds none. */
export async function held(
  connection: NatsConnection,
  stream: StreamName,
  take: (event: AnyUnwrapped, sequence: number) => void,
): Promise<Reading | undefined> {
  const { state } = await present(async () => (await connection.jetstreamManager()).streams.info(stream));
  if (state.messages === 0) return undefined;
  const { promise: taken, resolve } = deferred();
  const callback = (message: JsMsg) => {
    if (message.seq <= state.last_seq) readThen((event) => take(event, message.seq))(message);
    if (message.seq >= state.last_seq || message.info.pending === 0) resolve();
  };
  return { messages: await present(() => follow(connection, stream, {}, callback)), taken };
}

/** The events of one type, from the oldest that the stream holds. The server filters only within the subjects of one type. */
export async function ofType<Type extends EventType>(
  connection: NatsConnection,
  type: Type,
  tokens: Partial<TokensFor<Type>>,
  take: (event: Unwrapped<Type>, sequence: number) => void,
): Promise<Reading> {
  const definition = definitionOf(type);
  if (!definition) throw new TypeError(`the catalogue holds no event "${type}"`);
  const { stream, pattern } = definition;
  const filter = filterFor({ pattern: filled(pattern, tokens) });
  const { state } = await present(async () =>
    (await connection.jetstreamManager()).streams.info(stream, { subjects_filter: filter }),
  );
  const stored = Object.values(state.subjects ?? {}).reduce((sum, each) => sum + each, 0);
  const { promise: taken, resolve } = deferred();
  let delivered = 0;
  const callback = (message: JsMsg) => {
    const read = unwrap(type, message.string(), message.subject);
    if ('event' in read) take(read.event, message.seq);
    delivered += 1;
    if (delivered >= stored || message.info.pending === 0) resolve();
  };
  if (stored === 0) resolve();
  const start = { filter_subject: filter };
  return { messages: await present(() => follow(connection, stream, start, callback)), taken };
}

/** Reads what K8sTA keeps on the bus. Throws a {@link BusRefusal} when it does not exist or our user may not read it. */
export async function present<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const why = `K8sTA's streams cannot be read (${reasonOf(error)})`;
    const isDenied = error instanceof NatsError && error.isPermissionError();
    if (isDenied) throw new NotPermitted(`${why}: connect as the user ${tap}`);
    throw new BusRefusal(`${why}: is K8sTA running on it?`);
  }
}

/** `Promise.withResolvers`, which Node 20 lacks. */
export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((then) => {
    resolve = then;
  });
  return { promise, resolve };
}
