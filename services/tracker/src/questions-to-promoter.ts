import type { Bus, Log } from '@k8sta/bus';
import { gitRelation } from '@k8sta/contracts';
import type { z } from 'zod';
import type { Input } from './ride/event.js';
import type { RelationQuestion } from './ride/questions.js';
import { UnderWay } from './under-way.js';

/** How long the promoter may take to answer a question, in milliseconds: it may have to fetch first. */
const answerMs = 10_000;

/**
 * Asks the promoter each open question once at a time, and passes the answer on as an input. A question that comes up again
 * meanwhile needs no second answer: how two commits relate never changes, and an answer about a tip counts for seconds.
 */
export function questionsTo(bus: Pick<Bus, 'ask'>, log: Log, now: () => Date) {
  const asking = new UnderWay();

  const ask = async (question: RelationQuestion, traceparent: string | undefined): Promise<Input> => {
    const { request, about } = question;
    const reply = await relationOf(bus, request, traceparent);
    const revision = request.revision ?? reply.revision ?? '';
    return { ...about, relation: { revision, answer: reply, askedAt: now().toISOString() } };
  };

  return {
    once(question: RelationQuestion, traceparent: string | undefined, take: (answer: Input) => Promise<void>): void {
      asking.start(JSON.stringify(question), () =>
        ask(question, traceparent)
          .then(take)
          .catch((err: unknown) => log.warn({ err, about: question.about }, 'an answer could not be taken')),
      );
    },
    settled: () => asking.settled(),
  };
}

/** The promoter's answer; a time-out counts as an answer, too. */
async function relationOf(
  bus: Pick<Bus, 'ask'>,
  request: RelationQuestion['request'],
  traceparent: string | undefined,
): Promise<z.infer<typeof gitRelation.reply>> {
  try {
    const reply = await bus.ask(gitRelation, request, answerMs, traceparent);
    return reply ?? { relation: 'unknown', message: 'the promoter does not answer; is it running?' };
  } catch (error) {
    return { relation: 'unknown', message: (error as Error).message };
  }
}
