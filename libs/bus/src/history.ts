import {
  type DefinitionOf,
  type EventType,
  escapeToken,
  filterFor,
  subjectOf,
  type TokensFor,
  tokensOf,
} from '@k8sta/contracts';
import type { JetStreamManager, StoredMsg } from 'nats';
import { orMissing } from './ensure.js';
import { type Unwrapped, unwrap } from './wrap.js';

/** The newest event of this type with these tokens; undefined if there is none, or if it cannot be read. */
export async function last<Type extends EventType>(
  manager: JetStreamManager,
  definition: DefinitionOf<Type>,
  tokens: TokensFor<Type>,
): Promise<(Unwrapped<Type> & { sequence: number }) | undefined> {
  const subject = subjectOf<string>(definition.pattern, tokens);
  const message = await get(manager, definition.stream, { last_by_subj: subject });
  if (!message) return undefined;
  const read = unwrap(definition.type as Type, message.string(), message.subject);
  return 'event' in read ? { ...read.event, sequence: message.seq } : undefined;
}

/** The event of this type at that place of its stream; undefined if there is none, or if it cannot be read. */
export async function at<Type extends EventType>(
  manager: JetStreamManager,
  definition: DefinitionOf<Type>,
  sequence: number,
): Promise<Unwrapped<Type> | undefined> {
  const message = await get(manager, definition.stream, { seq: sequence });
  const read = message && unwrap(definition.type as Type, message.string(), message.subject);
  return read && 'event' in read ? read.event : undefined;
}

/** The tokens of the subjects that hold an event of this type and have the given tokens. */
export async function stored<Type extends EventType>(
  manager: JetStreamManager,
  { stream, pattern }: DefinitionOf<Type>,
  given: Partial<TokensFor<Type>>,
): Promise<TokensFor<Type>[]> {
  const known: Readonly<Record<string, string | undefined>> = given;
  const narrowed = pattern.replace(/\{([a-z]+)\}/gi, (placeholder, key: string) => {
    const value = known[key];
    return value === undefined ? placeholder : escapeToken(value);
  });
  const { state } = await manager.streams.info(stream, { subjects_filter: filterFor({ pattern: narrowed }) });
  const tokens = Object.keys(state.subjects ?? {}).map((subject) => tokensOf(pattern, subject));
  return tokens.filter((each) => each !== undefined);
}

/**
 * The events of this type with these tokens that were stored since then, oldest first. Reads message by message and not by a
 * consumer: a user who may create consumers on what it publishes could have those messages delivered to any subject.
 */
export async function since<Type extends EventType>(
  manager: JetStreamManager,
  definition: DefinitionOf<Type>,
  tokens: TokensFor<Type>,
  start: Date,
): Promise<Unwrapped<Type>[]> {
  const subject = subjectOf<string>(definition.pattern, tokens);
  const found: Unwrapped<Type>[] = [];
  for await (const message of messagesSince(manager, definition.stream, subject, start)) {
    const read = unwrap(definition.type as Type, message.string(), message.subject);
    if ('event' in read) found.push(read.event);
  }
  return found;
}

/** The messages of these subjects that were stored since then, oldest first. Needs no consumer. */
export async function* messagesSince(
  manager: JetStreamManager,
  stream: string,
  subject: string,
  start: Date,
): AsyncGenerator<StoredMsg> {
  let sequence = await firstSince(manager, stream, start);
  for (;;) {
    const message = await next(manager, stream, subject, sequence);
    if (!message) return;
    yield message;
    sequence = message.seq + 1;
  }
}

/** The first sequence that was stored at that time or later; one past the last if there is none. */
async function firstSince(manager: JetStreamManager, stream: string, start: Date): Promise<number> {
  const { state } = await manager.streams.info(stream);
  let from = state.first_seq;
  let to = state.last_seq + 1;
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const message = await next(manager, stream, '>', middle);
    if (!message || message.time >= start) to = middle;
    else from = message.seq + 1;
  }
  return from;
}

function next(manager: JetStreamManager, stream: string, subject: string, from: number) {
  // Supported by nats-server since 2.9; the types of nats.js have it for direct reads only.
  return get(manager, stream, { seq: from, next_by_subj: subject } as { seq: number });
}

function get(
  manager: JetStreamManager,
  stream: string,
  query: Parameters<JetStreamManager['streams']['getMessage']>[1],
): Promise<StoredMsg | undefined> {
  return orMissing(manager.streams.getMessage(stream, query));
}
