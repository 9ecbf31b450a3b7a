import type { Bus, Log } from '@k8sta/bus';
import { type Question, toReplica } from '@k8sta/contracts';
import type { z } from 'zod';
import type { Presence } from './presence.js';

/** How long a replica waits for the owner of a Track before it does the work itself, in milliseconds. */
const answerMs = 2_000;

/** Undefined if the owner does not answer in time, or answers with an error: the caller does the work itself. */
export type AskOwner = <Request extends z.ZodType, Reply extends z.ZodType>(
  question: Question<Request, Reply>,
  owner: string,
  request: z.input<Request>,
  traceparent?: string,
) => Promise<z.output<Reply> | undefined>;

export function askingOwners(
  bus: Pick<Bus, 'ask'>,
  presence: Pick<Presence, 'asking'>,
  log: Pick<Log, 'debug'>,
): AskOwner {
  return async (question, owner, request, traceparent) => {
    const asking = presence.asking(owner);
    try {
      const reply = await bus.ask(toReplica(question, owner), request, answerMs, traceparent);
      if (reply === undefined) asking.missed();
      else asking.answered();
      return reply;
    } catch (err) {
      log.debug({ err, owner, subject: question.subject }, 'the owner of a Track could not do it');
      return undefined;
    }
  };
}
