import { createHash } from 'node:crypto';
import { formatIssues } from '@k8sta/text';
import type { z } from 'zod';
import type { Announcement } from './announcement.js';
import { readJson, writeJsonWithout } from './json.js';
import type { Headers, Proof } from './proof.js';
import type { Delivery, Ignored, Push, Refused, Sender } from './sender.js';

/** What an announcement may depend on beside the payload. */
export interface Context {
  readonly receivedAt: Date;
  readonly headers: Headers;
  /** How images are pulled from the registry that this sender calls so; undefined if that is not configured. */
  registry(name: string): string | undefined;
}

export interface JsonSender<Payload> {
  readonly name: string;
  readonly proof: Proof;
  /** The media types of its bodies. Default: `application/json`. */
  readonly contentTypes?: readonly string[];
  /** The fields that we read. */
  readonly payload: z.ZodType<Payload>;
  /** The keys whose values are secrets, at any depth. */
  readonly secretKeys?: ReadonlySet<string>;
  /**
   * Set if its queue stops at a delivery that is refused, until that is accepted. Then a delivery in which nothing can be
   * understood is ignored with a message: what is behind it must not wait for it.
   */
  readonly stopsWhenRefused?: boolean;
  /** Changes the parsed body, before its fields are read and it is stored. */
  unwrap?(json: unknown, headers: Headers): unknown;
  announced(payload: Payload, context: Context): readonly Announcement[] | Ignored;
}

/** A registry announces a few images at a time. The body of a webhook could name thousands. */
const mostPushes = 1_000;

/** A sender whose webhooks are JSON. */
export function jsonSender<Payload>(sender: JsonSender<Payload>): Sender {
  const { name, proof, contentTypes, payload, secretKeys = new Set(), unwrap = (json) => json } = sender;
  return {
    name,
    proof,
    stopsWhenRefused: sender.stopsWhenRefused === true,
    read(headers, bytes, receivedAt, registries = new Map()) {
      const read = readJson(headers, bytes, contentTypes);
      if ('refusal' in read) return read;
      const json = unwrap(read.json, headers);
      const parsed = payload.safeParse(json);
      if (!parsed.success) return invalid(formatIssues(parsed.error, 'the body'));
      const body = writeJsonWithout(json, secretKeys);
      if (body === undefined) return invalid('the body is nested too deeply');
      const registry = (named: string) => registries.get(`${name}/${named}`);
      const announced = sender.announced(parsed.data, { receivedAt, headers, registry });
      if ('ignored' in announced) return announced;
      const outcome = outcomeOf(announced, sender.stopsWhenRefused === true);
      if (!('pushes' in outcome)) return outcome;
      const id = createHash('sha256').update(bytes).digest('hex');
      return { id, contentType: read.contentType, body, ...outcome };
    },
  };
}

/** Several announcements are one delivery: what is wrong with some of them does not stop the others. */
function outcomeOf(
  announced: readonly Announcement[],
  stopsWhenRefused: boolean,
): Pick<Delivery, 'pushes' | 'faults'> | Ignored | Refused {
  const pushes = distinct(announced.filter((each) => 'image' in each));
  const faults = firstOf(announced.flatMap((each) => ('fault' in each ? [each.fault] : [])));
  const ignored = firstOf(announced.flatMap((each) => ('ignored' in each ? [each.ignored] : [])));
  if (pushes.length > mostPushes) return invalid(`announces more than ${mostPushes} images`);
  if (pushes.length > 0) return { pushes, ...(faults.length > 0 && { faults }) };
  if (faults.length > 0 && !stopsWhenRefused) return invalid(faults.join('; '));
  return { ignored: [...faults, ...ignored].join('; ') || 'announces no image' };
}

/** One image may be announced several times in a delivery, such as once for each platform. */
function distinct(pushes: readonly Push[]): Push[] {
  const once = new Map<string, Push>();
  for (const push of pushes) {
    const { repository, tag, digest } = push.image;
    const key = `${repository}:${tag}@${digest ?? ''}`;
    if (!once.has(key)) once.set(key, push);
  }
  return [...once.values()];
}

/** A message names only the first few reasons, each once. */
function firstOf(messages: readonly string[]): string[] {
  const most = 3;
  const once = [...new Set(messages)];
  return once.length > most ? [...once.slice(0, most), `${once.length - most} more`] : once;
}

function invalid(message: string): Refused {
  return { refusal: 'invalid', message };
}
