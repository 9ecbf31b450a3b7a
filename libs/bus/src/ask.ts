import { answerableMs, askedOn, type Question, type Tracing } from '@k8sta/contracts';
import { formatIssues, sanitizeLine } from '@k8sta/text';
import { ErrorCode, headers, type Msg, type NatsConnection, NatsError, type PublishOptions } from 'nats';
import type { z } from 'zod';
import type { Consumption } from './consume.js';
import type { Log } from './log.js';
import { questioned, traceHeader } from './trace.js';

/** The outcome of a question, as the service that asked sees it. */
export type Asked =
  | 'answered'
  /** No service answered in time. */
  | 'unanswered'
  /** The answer is an error, or does not match the question's schema. */
  | 'failed';

/** The headers in which NATS services return an error (ADR-32 of nats-io/nats-architecture-and-design). */
const errorHeader = 'Nats-Service-Error';
const errorCodeHeader = 'Nats-Service-Error-Code';

/** The service answered, with an error instead of an answer. */
export class AnsweredWithError extends Error {
  override readonly name = 'AnsweredWithError';
  /** 400 if the request is at fault, 500 if the service is, 503 if it is busy. */
  readonly code: number;

  constructor(subject: string, fault: string, code: number) {
    super(`${subject} was answered with an error: ${fault}`);
    this.code = code;
  }
}

/** A question to a service or, with `replica`, to one replica of it. */
export type Addressed<Request extends z.ZodType, Reply extends z.ZodType> = Question<Request, Reply> & {
  readonly replica?: string;
};

export interface AskOptions {
  readonly onAsked?: (asked: Asked) => void;
  /** Sent with the question. */
  readonly traceparent?: string | undefined;
}

/**
 * Asks a question. Returns undefined when no service answered in time: ask again later. Throws when the answer is an error
 * or does not match the question's schema, and a RangeError when the time-out is longer than an answer may take.
 */
export async function ask<Request extends z.ZodType, Reply extends z.ZodType>(
  connection: NatsConnection,
  question: Pick<Addressed<Request, Reply>, 'subject' | 'request' | 'reply' | 'replica'>,
  request: z.input<Request>,
  timeoutMs: number,
  { onAsked = () => {}, traceparent }: AskOptions = {},
): Promise<z.output<Reply> | undefined> {
  if (timeoutMs > answerableMs) throw new RangeError(`no answer comes after ${answerableMs} ms: ${question.subject}`);
  const body = JSON.stringify(question.request.parse(request));
  try {
    const traced = traceparent === undefined ? undefined : headers();
    traced?.set(traceHeader, traceparent ?? '');
    const reply = await connection.request(askedOn(question), body, {
      timeout: timeoutMs,
      ...(traced && { headers: traced }),
    });
    const fault = reply.headers?.get(errorHeader);
    if (fault) throw new AnsweredWithError(question.subject, fault, Number(reply.headers?.get(errorCodeHeader)) || 500);
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

/** What an answerer needs of the bus around it. */
export interface AnswererSurroundings {
  readonly connection: NatsConnection;
  readonly service: string;
  readonly log: Log;
  /** A clock in milliseconds. */
  readonly now: () => number;
  readonly tracing?: Tracing | undefined;
}

/** Answers a question, until stopped. The replicas of a service share the questions that are not put to one of them. */
export function answer<Request extends z.ZodType, Reply extends z.ZodType>(
  { connection, service, log, now, tracing }: AnswererSurroundings,
  question: Addressed<Request, Reply>,
  reply: (request: z.output<Request>) => Promise<z.input<Reply>>,
): Consumption {
  const answering = new Set<Promise<void>>();
  const respondOnce = async (message: Msg): Promise<void> => {
    const [askedAt, link] = [now(), linkOf(connection)];
    const { data, options } = await (tracing
      ? tracing.span(questioned('server', question.subject, message.headers?.get(traceHeader)), () =>
          answerTo(message, question, reply, log),
        )
      : answerTo(message, question, reply, log));
    const isAwaited = now() - askedAt < answerableMs && link !== undefined && link === linkOf(connection);
    if (isAwaited) message.respond(data, options);
    else log.debug({ subject: question.subject }, 'answer too late, not sent');
  };
  const subscription = connection.subscribe(askedOn(question), {
    queue: service,
    callback: (error, message) => {
      if (error) return;
      const responded = respondOnce(message).finally(() => answering.delete(responded));
      answering.add(responded);
    },
  });
  return {
    async stop() {
      // NATS refused the subscription, or the connection is closed.
      if (!subscription.isClosed()) await subscription.drain();
      await Promise.all(answering);
    },
  };
}

/**
 * The current connection, by server and client; undefined while there is none. The server permits an answer only on the
 * connection that received the question, and refuses it on a later one.
 */
export function linkOf({ info }: NatsConnection): string | undefined {
  return info && `${info.server_id}/${info.client_id}`;
}

/** The reply, or the error, as it is sent to the service that asked. Never rejects. */
async function answerTo<Request extends z.ZodType, Reply extends z.ZodType>(
  message: Msg,
  question: Question<Request, Reply>,
  reply: (request: z.output<Request>) => Promise<z.input<Reply>>,
  log: Log,
): Promise<{ data: string; options?: PublishOptions }> {
  try {
    const request = question.request.safeParse(JSON.parse(message.string()));
    if (!request.success) throw new TypeError(`the request is not understood: ${formatIssues(request.error)}`);
    return { data: JSON.stringify(question.reply.parse(await reply(request.data))) };
  } catch (fault) {
    log.warn({ err: fault, subject: question.subject }, 'question could not be answered');
    const withFault = headers();
    // A header must not contain a line break, and people read this one.
    withFault.set(errorHeader, sanitizeLine(fault instanceof Error ? fault.message : String(fault)));
    return { data: '{}', options: { headers: withFault } };
  }
}
