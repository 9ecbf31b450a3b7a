import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { fileReason, formatIssues } from '@k8sta/text';
import { z } from 'zod';
import { InputFault } from './fault.js';
import { JsonDivider, JsonStreamFault } from './json-stream.js';

/** An Application as Kubernetes sent it, or its deletion. */
export interface TraceEvent {
  readonly at: Date;
  readonly isDeleted: boolean;
  readonly object: object;
  /** The file, and the line at which the object begins. */
  readonly where: { readonly file: string; readonly line: number };
}

const moment = z.iso.datetime({ offset: true });
const object = z.looseObject({ kind: z.string().optional(), items: z.array(z.unknown()).optional() });
const watchEvent = z.object({
  at: moment.optional(),
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']).optional(),
  object,
});

/**
 * The Applications of a trace in order. If an event has no `at`, the newest time in its object counts. Time never runs
 * backwards.
 */
export async function* readTrace(file: string): AsyncGenerator<TraceEvent> {
  let now = 0;
  for await (const { value, line } of jsonFile(file)) {
    for (const { at, isDeleted, object } of eventsOf(value, file, line)) {
      now = Math.max(now, at ?? newestTime(object));
      yield { at: new Date(now), isDeleted, object, where: { file, line } };
    }
  }
}

/** The objects of one kind in a file that kubectl printed. */
export async function readObjects(file: string, kind: string): Promise<{ object: object; line: number }[]> {
  const found: { object: object; line: number }[] = [];
  for await (const { value, line } of jsonFile(file)) {
    found.push(...objectsOf(value, kind, file, line).map((object) => ({ object, line })));
  }
  return found;
}

async function* jsonFile(file: string): AsyncGenerator<{ value: unknown; line: number }> {
  const divider = new JsonDivider();
  try {
    for await (const chunk of textOf(file)) {
      for (const { text, line } of divider.push(chunk)) yield { value: parse(text, line), line };
    }
    divider.end();
  } catch (error) {
    if (error instanceof JsonStreamFault) throw new InputFault(file, error.line, error.message);
    const { code } = error as NodeJS.ErrnoException;
    // Only errors of the file system and of zlib have such a code.
    if (code && /^(E[A-Z]+|Z_[A-Z_]+)$/.test(code)) {
      throw new InputFault(file, undefined, code.startsWith('Z_') ? 'is not a gzip file' : fileReason(error as Error));
    }
    throw error;
  }
}

function textOf(file: string): AsyncIterable<string> {
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) return bytes.setEncoding('utf8');
  const unzip = createGunzip();
  bytes.on('error', (error) => unzip.destroy(error));
  return bytes.pipe(unzip).setEncoding('utf8');
}

function parse(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonStreamFault(line, `the object that begins here is not JSON: ${(error as Error).message}`);
  }
}

interface Seen {
  readonly at: number | undefined;
  readonly isDeleted: boolean;
  readonly object: object;
}

function eventsOf(value: unknown, file: string, line: number): Seen[] {
  if (typeof value !== 'object' || value === null || !('object' in value)) {
    return objectsOf(value, 'Application', file, line).map((object) => ({ at: undefined, isDeleted: false, object }));
  }
  const event = watchEvent.safeParse(value);
  if (!event.success) throw new InputFault(file, line, formatIssues(event.error, 'the event'));
  const { at, type, object } = event.data;
  if (type === 'BOOKMARK') return [];
  if (type === 'ERROR') throw new InputFault(file, line, `the watch ended here: ${String(object['message'])}`);
  const [application = {}] = objectsOf(object, 'Application', file, line);
  return [{ at: at === undefined ? undefined : Date.parse(at), isDeleted: type === 'DELETED', object: application }];
}

/** The object itself, or the items of a list. */
function objectsOf(value: unknown, kind: string, file: string, line: number): object[] {
  const read = object.safeParse(value);
  if (!read.success) throw new InputFault(file, line, formatIssues(read.error, 'the object'));
  const { kind: is = 'an object without a kind', items } = read.data;
  if (items) return items.flatMap((item) => objectsOf(item, kind, file, line));
  if (is !== kind) throw new InputFault(file, line, `expected ${kind}, found ${is}`);
  return [read.data];
}

/** Looks only into metadata and status: a time in spec is written by people and is not the time of an event. */
function newestTime(object: object): number {
  const { metadata, status } = object as { metadata?: unknown; status?: unknown };
  const times = [...textsOf(metadata), ...textsOf(status)].filter((text) => moment.safeParse(text).success);
  return Math.max(0, ...times.map((time) => Date.parse(time)));
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) yield* textsOf(each);
}
