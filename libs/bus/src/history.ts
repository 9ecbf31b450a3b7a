import { type DefinitionOf, type EventType, subjectOf } from '@k8sta/contracts';
import { DeliverPolicy, type JetStreamClient, type JetStreamManager } from 'nats';
import { isMissing } from './ensure.js';
import { type Unwrapped, unwrap } from './wrap.js';

/** The newest event of this type with these tokens; undefined when there is none, or none that can be read. */
export async function last<Type extends EventType>(
  manager: JetStreamManager,
  definition: DefinitionOf<Type>,
  tokens: Record<string, string>,
): Promise<(Unwrapped<Type> & { sequence: number }) | undefined> {
  const subject = subjectOf(definition.pattern, tokens);
  try {
    const message = await manager.streams.getMessage(definition.stream, { last_by_subj: subject });
    const read = unwrap(definition.type as Type, message.string());
    return 'event' in read ? { ...read.event, sequence: message.seq } : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The events of this type with these tokens that were stored since then, oldest first. */
export async function since<Type extends EventType>(
  jetstream: JetStreamClient,
  definition: DefinitionOf<Type>,
  tokens: Record<string, string>,
  start: Date,
): Promise<Unwrapped<Type>[]> {
  const consumer = await jetstream.consumers.get(definition.stream, {
    filterSubjects: subjectOf(definition.pattern, tokens),
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: start.toISOString(),
  });
  const found: Unwrapped<Type>[] = [];
  try {
    const { num_pending: pending } = await consumer.info(true);
    if (pending === 0) return found;
    for await (const message of await consumer.fetch({ max_messages: pending })) {
      const read = unwrap(definition.type as Type, message.string());
      if ('event' in read) found.push(read.event);
      if (message.info.pending === 0) break;
    }
    return found;
  } finally {
    await consumer.delete().catch(() => false);
  }
}
