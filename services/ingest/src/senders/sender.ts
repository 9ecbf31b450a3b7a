import type { ImageRef } from '@k8sta/contracts';
import type { ReadLine } from './named-secret.js';
import type { Headers, Proof } from './proof.js';

/** A pushed image, normalised. */
export interface Push {
  readonly image: ImageRef;
  readonly pushedAt: Date;
}

/** A webhook that announces pushed images. */
export interface Delivery {
  /** The same for the same webhook, posted again. */
  readonly id: string;
  readonly contentType: string;
  /** What may be stored: the body without the secrets in it. */
  readonly body: string;
  readonly pushes: readonly Push[];
  /** What could not be understood beside the pushes, in a few words. They never quote the body. */
  readonly faults?: readonly string[];
}

/** A webhook of a kind that announces no image, such as a registry's "ping". It is answered with 200 and not stored. */
export interface Ignored {
  /** Why, for the answer and the log. It never quotes the body. */
  readonly ignored: string;
  /** What the sender expects in the answer, if it expects anything. */
  readonly answer?: object;
}

/** Why a webhook was not understood, in words that its sender can act on. They never quote the body: they are logged. */
export interface Refused {
  readonly refusal: 'wrongEncoding' | 'wrongContentType' | 'unreadable' | 'invalid';
  readonly message: string;
}

/** `<sender>/<registry as its webhooks name it>` to the host, and perhaps a path, that its images are pulled from. */
export type Registries = ReadonlyMap<string, string>;

/** Somebody who posts, and how the request proves who that is. */
export interface Prover {
  /** The second segment of the path, and the name of the file of secrets: a DNS label. */
  readonly name: string;
  readonly proof: Proof;
  /** How a line of its files is read. Default: the line is the secret. */
  readonly readLine?: ReadLine;
}

/** A source of webhooks: how it proves who it is, and how to read what it posts. Its name is also the token of the subject. */
export interface Sender extends Prover {
  /** Set if its queue stops at a delivery that is refused, until that is accepted. */
  readonly stopsWhenRefused?: boolean;
  /** Pure. The bytes are authenticated already. */
  read(headers: Headers, bytes: Uint8Array, receivedAt: Date, registries?: Registries): Delivery | Ignored | Refused;
}
