import type { AnyUnwrapped } from '@k8sta/bus';
import type { ApiInput, WordVerb } from '@k8sta/contracts';
import type { System } from '@k8sta/sandbox';
import type { Output } from '../output.js';
import type { Watch } from '../watch.js';
import { post, type SenderName, shortWebhook } from '../webhook.js';

type Type = AnyUnwrapped['type'];
type Event<Of extends Type> = Extract<AnyUnwrapped, { type: Of }>;

/** How long to wait for an event, in milliseconds: a window opens after one or two minutes. */
const eventMs = 180_000;

/** What a play acts with: the system, the events so far, and the words of an operator. */
export interface Stage {
  readonly system: System;
  /** Pushes an image with this tag; returns the id of its Ticket. */
  push(tag: string): Promise<string>;
  /** Says a word as the operator of the demo. Throws if it is refused. */
  word<Verb extends WordVerb>(verb: Verb, request: ApiInput<Verb>): Promise<void>;
  /** The first such event, past or future. Rejects if it does not come. */
  event<Of extends Type>(type: Of, is: (event: Event<Of>) => boolean): Promise<Event<Of>>;
  /** Every such event so far. */
  events<Of extends Type>(type: Of): Event<Of>[];
  say(line: string): void;
}

/** What a ride or a play happens in. */
export interface Surroundings {
  readonly system: System;
  readonly sender: SenderName;
  readonly watching: Watch;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export function openStage({ system, sender, watching, output, signal }: Surroundings): Stage {
  const heard: AnyUnwrapped[] = [];
  const listeners = new Set<() => void>();
  watching.onEvent((event) => {
    heard.push(event);
    for (const listener of listeners) listener();
  });
  const of = <Of extends Type>(type: Of) => heard.filter((event): event is Event<Of> => event.type === type);
  return {
    system,
    events: of,
    say: output.say,
    push: async (tag) => (await post(shortWebhook(system, sender, tag), output.say)).ticket,
    async word(verb, request) {
      output.say(`the operator says: ${verb} ${JSON.stringify(request)}`);
      const reply = await watching.ask(verb, request);
      if (!reply) throw new Error('the tracker does not answer');
      if (!reply.ok) throw new Error(`the tracker refused ${verb}: ${reply.reason}: ${reply.message}`);
    },
    event: (type, is) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const end = (settle: () => void) => {
          listeners.delete(look);
          clearTimeout(late);
          settle();
        };
        const look = () => {
          const found = of(type).find(is);
          if (found) end(() => resolve(found));
        };
        const late = setTimeout(() => end(() => reject(new Error(`no ${type} came that was expected`))), eventMs);
        signal.addEventListener('abort', () => end(() => reject(signal.reason)));
        listeners.add(look);
        look();
      }),
  };
}

/** Throws unless it is so. */
export function insist(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}
