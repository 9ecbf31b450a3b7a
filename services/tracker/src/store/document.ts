import { randomUUID } from 'node:crypto';
import { type BusEvent, definitionOf, ticketSchema } from '@k8sta/contracts';
import { formatIssues, tryParseJson } from '@k8sta/text';
import { z } from 'zod';
import { trackState } from '../ride/state.js';

/** The format of the documents that this code writes and reads. */
export const format = 1;

const outgoing = z.object({
  type: z.string().refine((type) => definitionOf(type) !== undefined),
  id: z.string(),
  ticketId: z.string().optional(),
  traceparent: z.string().optional(),
  data: z.record(z.string(), z.unknown()),
});

/** Its data is checked against the schema of its type when it is published. */
const busEvent = z.custom<BusEvent>((value) => outgoing.safeParse(value).success);

const documentSchema = z.object({
  format: z.literal(format),
  /** Counts the saves of this Track, from 1. */
  version: z.int().min(1),
  /** The ids of the last saves, ending with this one: they distinguish documents of the same version. */
  saves: z.array(z.string()).min(1),
  state: trackState,
  /** What this save publishes. The next save replaces it, but only once it is published. */
  outbox: z.object({
    events: z.array(busEvent),
    /** The Tickets that changed. */
    tickets: z.array(ticketSchema),
  }),
});

/** A Track as it is stored: its state, and the outgoing events of its last save. */
export type TrackDocument = z.infer<typeof documentSchema>;

/** How many saves a document remembers: more than another tracker makes while one is being copied. */
const remembered = 16;

/** The id of the save that made the document; '' for none. */
export function saveOf(document: TrackDocument | undefined): string {
  return document?.saves.at(-1) ?? '';
}

/** 48 random bits: it has to differ from the other saves of one Track only, and each document holds many. */
export function newSaveId(): string {
  return randomUUID().slice(-12);
}

/** The saves of the document that follows this one. */
export function nextSaves(before: TrackDocument | undefined, id: string): string[] {
  return [...(before?.saves ?? []), id].slice(-remembered);
}

/** A newer version of the service wrote this document; it is not changed. */
export class NewerDocument extends Error {
  override readonly name = 'NewerDocument';
  readonly code = 'NEWER';
}

/** A document does not have the format that this code writes. A person must find out why. */
export class DamagedDocument extends Error {
  override readonly name = 'DamagedDocument';
  readonly code = 'DAMAGED';

  constructor(where: string, why: string) {
    super(`${where} cannot be read; delete it, and it is restored from its other copy: ${why}`);
  }
}

/**
 * Reads a stored document. Throws {@link NewerDocument} for one of a later format, and {@link DamagedDocument} for one
 * that is damaged.
 */
export function readDocument(text: string, where: string): TrackDocument {
  // Undefined, which no schema accepts, for text that is not JSON.
  const json = tryParseJson(text);
  const head = z.looseObject({ format: z.int() }).safeParse(json);
  if (head.success && head.data.format > format) {
    const { format: found } = head.data;
    throw new NewerDocument(
      `${where} has format ${found}, and this version understands ${format}: update this tracker`,
    );
  }
  const read = documentSchema.safeParse(json);
  if (!read.success) throw new DamagedDocument(where, formatIssues(read.error));
  return read.data;
}
