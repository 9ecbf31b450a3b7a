import type { Abilities, How } from '../decide.js';
import type { Message } from '../message/message.js';
import type { Notice } from '../notice.js';
import type { Ref } from '../record.js';

export interface Delivery {
  readonly how: How;
  readonly message: Message;
  readonly notice: Notice;
  /** The same for each attempt: receivers that know ids recognise a repeat by it. */
  readonly id: string;
  /** The first message of the thread, if there is one. */
  readonly ref: Ref | undefined;
}

/** How it went. What is not `sent` is a value: only a bug is an exception. No `why` contains a secret. */
export type Sent =
  | { readonly is: 'sent'; readonly ref: Ref }
  /** The message that was to be changed does not exist any more. */
  | { readonly is: 'gone'; readonly why: string }
  /** It would be refused again. */
  | { readonly is: 'refused'; readonly why: string }
  /** Nothing was sent, and it may be sent later. */
  | { readonly is: 'unsent'; readonly why: string; readonly afterMs?: number }
  /** The receiver may have it, but has not said so. */
  | { readonly is: 'unsure'; readonly why: string };

/** Where messages go. */
export interface Receiver {
  readonly name: string;
  readonly abilities: Abilities;
  /** It recognises a repeated message by its id, so that people see it once. */
  readonly knowsRepeats: boolean;
  /** Never throws for what the receiver or its secret does. */
  send(delivery: Delivery): Promise<Sent>;
  /** What is wrong with its secret; undefined if it can be used. */
  check(): Promise<string | undefined>;
}
