import {
  type BusEvent,
  type DataOf,
  type Definition,
  definitionOf,
  type Envelope,
  type EventType,
  envelopeSchema,
  type StreamName,
  subjectFor,
} from '@k8sta/contracts';
import { formatIssues, sanitizeLine } from '@k8sta/text';
import { z } from 'zod';

/** A message ready to be published. */
export interface Wrapped {
  readonly stream: StreamName;
  readonly subject: string;
  readonly id: string;
  readonly payload: string;
}

/**
 * Wraps an event as CloudEvents JSON. Strict: throws a TypeError, a bug of the publisher, when the data does not match the
 * schema.
 */
export function wrap(event: BusEvent, source: string, now: Date): Wrapped {
  const definition = definitionOf(event.type);
  if (!definition) throw new TypeError(`the catalogue holds no event "${event.type}"`);
  const data = parserOf(definition).safeParse(event.data);
  if (!data.success) {
    throw new TypeError(`${event.type} ${event.id} does not match its schema: ${formatIssues(data.error)}`);
  }
  const envelope = {
    specversion: '1.0',
    id: event.id,
    source: `/k8sta/${source}`,
    type: event.type,
    subject: event.id.slice(event.type.length + 1),
    time: now.toISOString(),
    datacontenttype: 'application/json',
    ...(event.traceparent ? { traceparent: event.traceparent } : {}),
    ...(event.ticketId ? { ticketid: event.ticketId } : {}),
    data: data.data,
  };
  const subject = subjectFor(comparable(definition), data.data);
  return { stream: definition.stream, subject, id: event.id, payload: JSON.stringify(envelope) };
}

/** The compiler cannot distinguish the schemas of the union; each definition's tokens take the output of its own schema. */
function comparable(definition: Definition): Parameters<typeof subjectFor>[0] {
  return definition as Parameters<typeof subjectFor>[0];
}

/** The subject of an event with this data; undefined if a part of it cannot be a token. */
function subjectOfData(definition: Definition, data: Record<string, unknown>): string | undefined {
  try {
    return subjectFor(comparable(definition), data);
  } catch {
    return undefined;
  }
}

/** Compiled when the first event of the type is published: a service publishes few of all types, and some of them often. */
const parsers = new Map<Definition, z.ZodObject>();

function parserOf(definition: Definition): z.ZodObject {
  const compiled = parsers.get(definition) ?? z.compile<z.ZodObject>(definition.schema);
  parsers.set(definition, compiled);
  return compiled;
}

/** An event as it was read. */
export interface Unwrapped<Type extends EventType> {
  readonly type: Type;
  readonly id: string;
  readonly data: DataOf<Type>;
  readonly time: Date;
  readonly ticketId?: string;
  readonly traceparent?: string;
}

/** Why a message is not the expected event. */
export interface Unreadable {
  readonly reason: 'unreadable' | 'invalid';
  readonly cause: string;
}

/**
 * Reads a message as an event of this type. Tolerant of unknown fields: newer versions may have written it. With its
 * subject, the data must say the same: NATS checks only the subject of what a user publishes, so that a user who may
 * report checks must not be able to say any other word.
 */
export function unwrap<Type extends EventType>(
  type: Type,
  payload: string,
  subject?: string,
): { event: Unwrapped<Type> } | { fault: Unreadable } {
  const read = envelopeOf(payload);
  if ('fault' in read) return read;
  const { envelope } = read;
  if (envelope.type !== type) {
    return {
      fault: { reason: 'invalid', cause: `has type "${sanitizeLine(envelope.type, 100)}" where "${type}" belongs` },
    };
  }
  const definition = definitionOf(type);
  const data = definition?.schema.safeParse(envelope.data);
  if (!data?.success) {
    const why = data ? formatIssues(data.error) : 'the catalogue does not hold it';
    return { fault: { reason: 'invalid', cause: `its data does not match ${type}: ${why}` } };
  }
  const belongs = definition && subjectOfData(definition, data.data);
  if (subject !== undefined && subject !== belongs) {
    return { fault: { reason: 'invalid', cause: `its data belongs to the subject ${belongs}, not to ${subject}` } };
  }
  const { id, time, ticketid, traceparent } = envelope;
  return {
    event: {
      type,
      id,
      data: data.data as DataOf<Type>,
      time: new Date(time),
      ...(ticketid === undefined ? {} : { ticketId: ticketid }),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
  };
}

function envelopeOf(payload: string): { envelope: Envelope } | { fault: Unreadable } {
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch (error) {
    return { fault: { reason: 'unreadable', cause: `is not JSON: ${sanitizeLine((error as Error).message)}` } };
  }
  const envelope = envelopeSchema.safeParse(json);
  if (envelope.success) return { envelope: envelope.data };
  return { fault: { reason: 'unreadable', cause: `is not a CloudEvent: ${formatIssues(envelope.error)}` } };
}

/** Any event as it was read, discriminated by its type. */
export type AnyUnwrapped = { [Type in EventType]: Unwrapped<Type> }[EventType];

/** Reads a message as an event of any type; undefined if this version does not know it. */
export function unwrapAny(payload: string, subject?: string): AnyUnwrapped | undefined {
  const named = envelopeOf(payload);
  if ('fault' in named) return undefined;
  const read = unwrap(named.envelope.type as EventType, payload, subject);
  return 'event' in read ? (read.event as AnyUnwrapped) : undefined;
}
