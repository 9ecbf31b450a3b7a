import { oneLine, type Question, spellIssues } from '@k8sta/contracts';
import { ErrorCode, headers, type NatsConnection, NatsError, type Subscription } from 'nats';
import type { z } from 'zod';
import type { Log } from './log.js';

/** What became of a question, as its asker sees it. */
export type Asked =
  | 'answered'
  /** Nobody answered in time. */
  | 'unanswered'
  /** The answer is an error, or is not what the question's schema says. */
  | 'failed';

/** The header in which NATS services say what went wrong (ADR-32 of nats-io/nats-architecture-and-design). */
const errorHeader = 'Nats-Service-Error';

/**
 * Asks a question. Undefined when nobody answered in time: whoever should know is away, ask later.
 * Throws when the answer is an error or is not what the question's schema says.
 */
export async function ask<Request extends z.ZodType, Reply extends z.ZodType>(
  connection: NatsConnection,
  question: Question<Request, Reply>,
  request: z.input<Request>,
  timeoutMs: number,
  onAsked: (asked: Asked) => void = () => {},
): Promise<z.output<Reply> | undefined> {
  const body = JSON.stringify(question.request.parse(request));
  try {
    const reply = await connection.request(question.subject, body, { timeout: timeoutMs });
    const fault = reply.headers?.get(errorHeader);
    if (fault) throw new Error(`${question.subject} was answered with an error: ${fault}`);
    const answer = question.reply.parse(reply.json());
    onAsked('answered');
    return answer;
  } catch (error) {
    if (error instanceof NatsError && (error.code === ErrorCode.Timeout || error.code === ErrorCode.NoResponders)) {
      onAsked('unanswered');
      return undefined;
    }
    onAsked('failed');
    throw error;
  }
}

/** Answers a question; replicas of a service share the questions among them. */
export function answer<Request extends z.ZodType, Reply extends z.ZodType>(
  connection: NatsConnection,
  service: string,
  question: Question<Request, Reply>,
  reply: (request: z.output<Request>) => Promise<z.input<Reply>>,
  log: Log,
): Subscription {
  return connection.subscribe(question.subject, {
    queue: service,
    callback: (error, message) => {
      if (error) return;
      const respond = async () => {
        const request = question.request.safeParse(JSON.parse(message.string()));
        if (!request.success) throw new TypeError(`the request is not understood: ${spellIssues(request.error)}`);
        message.respond(JSON.stringify(question.reply.parse(await reply(request.data))));
      };
      respond().catch((fault: unknown) => {
        log.warn({ err: fault, subject: question.subject }, 'a question could not be answered');
        const withFault = headers();
        // A header holds no line break, and the asker shows it to people.
        withFault.set(errorHeader, oneLine(fault instanceof Error ? fault.message : String(fault)));
        message.respond('{}', { headers: withFault });
      });
    },
  });
}
