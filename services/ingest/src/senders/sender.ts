import type { ImageRef } from '@k8sta/contracts';

/** A request's headers, their names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** One image that was pushed, in its normalised spelling. */
export interface Push {
  readonly image: ImageRef;
  readonly pushedAt: Date;
}

/** A webhook that was understood. */
export interface Delivery {
  /** The same for the same webhook, posted again. */
  readonly id: string;
  readonly contentType: string;
  /** What may be stored: the body without what is secret in it. */
  readonly body: string;
  readonly pushes: readonly Push[];
}

/** Why a webhook was not understood, in words its sender can act on. They never quote the body: they are logged. */
export interface Refused {
  readonly refusal: 'wrongEncoding' | 'wrongContentType' | 'unreadable' | 'invalid';
  readonly message: string;
}

/** Who posts webhooks, and how to read them. */
export interface Sender {
  /** The last fixed segment of the path, and the token of the subject: a DNS label. */
  readonly name: string;
  /** Pure. The bytes are authenticated already. */
  read(headers: Headers, bytes: Uint8Array, receivedAt: Date): Delivery | Refused;
}
