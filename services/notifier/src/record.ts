import { z } from 'zod';

/** What the receiver calls the first message of the thread. */
const ref = z.looseObject({
  id: z.string().max(1_000),
  /** Slack: the channel's id, which is needed to update a message. */
  channel: z.string().max(200).optional(),
  /** E-mail: a reply has the subject of the first message. */
  subject: z.string().max(1_000).optional(),
});
export type Ref = z.infer<typeof ref>;

/**
 * What was sent to one receiver about one thread. The intent is stored before a message is sent: it keeps other replicas, and
 * other events of the thread, from sending meanwhile, and says after a crash that the message may have been sent.
 */
export const recordSchema = z.looseObject({
  version: z.literal(1),
  /** The sequence of the newest notice that set the occasion. */
  newest: z.int(),
  occasion: z.string(),
  /** The sequences of the last notices that were sent, or given up; all up to `floor` count as sent. */
  sent: z.array(z.int()),
  floor: z.int(),
  ref: ref.optional(),
  intent: z.looseObject({ id: z.string(), at: z.iso.datetime() }).optional(),
});
export type Record = z.infer<typeof recordSchema>;

export const noRecord: Record = { version: 1, newest: 0, occasion: '', sent: [], floor: 0 };

const remembered = 32;

export function isSent({ sent, floor }: Record, sequence: number): boolean {
  return sequence <= floor || sent.includes(sequence);
}

/** The record without an intent, in which the notice is sent or given up. */
export function settled(
  record: Record,
  { sequence, occasion }: { sequence: number; occasion: string },
  to?: Ref,
): Record {
  const { intent: _over, ...rest } = record;
  const all = [...new Set([...record.sent, sequence])].sort((a, b) => a - b);
  const dropped = all.slice(0, -remembered);
  return {
    ...rest,
    ...(sequence >= record.newest && { newest: sequence, occasion }),
    sent: all.slice(-remembered),
    floor: Math.max(record.floor, ...dropped),
    ...(to && { ref: to }),
  };
}
