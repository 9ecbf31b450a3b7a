import { createHash } from 'node:crypto';
import type { ForgeProvider } from '@k8sta/contracts';
import { formatIssues } from '@k8sta/text';
import type { z } from 'zod';
import { readJson } from '../senders/json.js';
import type { Headers, Proof } from '../senders/proof.js';
import type { Ignored, Prover, Refused } from '../senders/sender.js';
import type { Mention } from './mention.js';

/** A webhook about branches. It may be about several: a forge reports a status for every branch with its commit. */
export interface Heard {
  readonly mentions: readonly Mention[];
  /** The same for the same bytes. */
  readonly hash: string;
}

/** A forge that posts webhooks: how it proves who it is, and how to read what it posts. */
export interface Forge extends Prover {
  /** Also the segment of the path and the name of its file of secrets. */
  readonly name: ForgeProvider;
  /** Pure. The bytes are authenticated already. */
  read(headers: Headers, bytes: Uint8Array): Heard | Ignored | Refused;
}

export interface JsonForge<Payload> {
  readonly name: ForgeProvider;
  readonly proof: Proof;
  /** The fields that we read. */
  readonly payload: z.ZodType<Payload>;
  mentioned(payload: Payload): readonly Mention[] | Ignored | Refused;
}

/** As many branches as a status of GitHub names. */
const mostMentions = 10;

/** GitHub and Gitea post a form if the webhook says so. */
const contentTypes = ['application/json', 'application/x-www-form-urlencoded'];

/** A forge whose webhooks are told apart by their bodies: its proof does not cover the headers. */
export function jsonForge<Payload>({ name, proof, payload, mentioned }: JsonForge<Payload>): Forge {
  return {
    name,
    proof,
    read(headers, bytes) {
      const read = readJson(headers, bytes, contentTypes);
      if ('refusal' in read) return read;
      const parsed = parse(payload, read.json, mentioned);
      if ('refusal' in parsed || 'ignored' in parsed) return parsed;
      return { mentions: parsed.slice(0, mostMentions), hash: createHash('sha256').update(bytes).digest('hex') };
    },
  };
}

/** What follows from the payload, or what is wrong with it. */
export function parse<Payload, Result>(
  schema: z.ZodType<Payload>,
  json: unknown,
  then: (payload: Payload) => Result,
): Result | Refused {
  const parsed = schema.safeParse(json);
  return parsed.success ? then(parsed.data) : { refusal: 'invalid', message: formatIssues(parsed.error, 'the body') };
}
