import {
  type ApiHandlers,
  type ApiVerb,
  actorOf,
  answerableMs,
  apiOperations,
  apiService,
  apiSubject,
  apiVerbs,
  apiVersion,
  readVerbs,
} from '@k8sta/contracts';
import { formatIssues, sanitizeLine } from '@k8sta/text';
import type { Service, ServiceMsg } from 'nats';
import { type AnswererSurroundings, linkOf } from './ask.js';
import { questioned, traceHeader } from './trace.js';

/** A request is a few words; the server would accept a megabyte. */
const longestRequest = 16 * 1024;

/** More requests at a time are refused, so that they cannot fill the memory. */
const mostRequests = 256;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const noReply = encode('{}');

/** The API as it is served. */
export interface ServedApi {
  /** Takes no more requests and waits for those that are being answered. */
  stop(): Promise<void>;
}

/** What a request is answered with instead of a reply: an error of NATS micro services; 503 means ask again. */
export class RequestFault extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Answers the API as a NATS micro service (ADR-32): one endpoint for each verb, and the replicas share the requests. */
export async function serveApi(surroundings: AnswererSurroundings, handlers: ApiHandlers): Promise<ServedApi> {
  const { connection, service: queue, log } = surroundings;
  const answering = new Set<Promise<void>>();
  const service = await connection.services.add({
    name: apiService,
    version: apiVersion,
    description: 'Tickets and Tracks of K8sTA: docs/operating.md',
    queue,
  });
  // Its `*` is the actor, whom the permissions of NATS users name.
  const group = service.addGroup(groupSubject);
  for (const verb of apiVerbs) {
    const handler = (_error: unknown, message: ServiceMsg) => {
      const answered =
        answering.size < mostRequests ? traced(surroundings, verb, message, handlers) : Promise.reject(busy);
      const responded = respond(surroundings, verb, message, answered).finally(() => answering.delete(responded));
      answering.add(responded);
    };
    group.addEndpoint(verb, { handler, metadata: { summary: apiOperations[verb].summary } });
  }
  void logStop(service, log);
  // Afterwards the server knows the subscriptions: a request finds its endpoint.
  await connection.flush();
  return {
    async stop() {
      await service.stop();
      await Promise.all(answering);
    },
  };
}

const [firstVerb = 'track'] = apiVerbs;
const groupSubject = apiSubject('*', firstVerb).slice(0, -`.${firstVerb}`.length);

const busy = new RequestFault(503, 'too many requests at a time; ask again later');

/** A word starts a trace if the request has none: it may open a Ticket. */
function traced(
  { tracing }: AnswererSurroundings,
  verb: ApiVerb,
  message: ServiceMsg,
  handlers: ApiHandlers,
): Promise<string> {
  if (!tracing) return answerOf(verb, message, handlers);
  const start = questioned('server', `k8sta.api.${verb}`, message.headers?.get(traceHeader));
  const isRoot = !readVerbs.some((read) => read === verb);
  return tracing.span({ ...start, isRoot }, () => answerOf(verb, message, handlers));
}

/** The reply as JSON. Throws a {@link RequestFault} for a request that cannot be understood. */
async function answerOf(verb: ApiVerb, message: ServiceMsg, handlers: ApiHandlers): Promise<string> {
  const { request: schema, reply } = apiOperations[verb];
  const actor = actorOf(message.subject);
  if (actor === undefined) throw new RequestFault(400, `the subject names no actor: "${message.subject}"`);
  if (message.data.length > longestRequest) {
    throw new RequestFault(400, `the request is longer than ${longestRequest} bytes`);
  }
  const request = schema.safeParse(jsonOf(message));
  if (!request.success) throw new RequestFault(400, `the request is not understood: ${formatIssues(request.error)}`);
  // The compiler cannot see that the schema and the handler are of the same verb.
  const handle = handlers[verb] as (request: unknown, actor: string) => Promise<unknown>;
  return JSON.stringify(reply.parse(await handle(request.data, actor)));
}

/** An empty request is one without fields, as `nats request k8sta.api.operator.tracks ''` sends it. */
function jsonOf(message: ServiceMsg): unknown {
  const text = message.string();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new RequestFault(400, `the request is not JSON: ${(error as Error).message}`);
  }
}

/** Sends the reply, or the error, while somebody waits for it. Never rejects. */
async function respond(
  { connection, log, now }: AnswererSurroundings,
  verb: ApiVerb,
  message: ServiceMsg,
  answered: Promise<string>,
): Promise<void> {
  const [askedAt, link] = [now(), linkOf(connection)];
  const reply = await answered.catch((fault: unknown) => {
    const code = fault instanceof RequestFault ? fault.code : 500;
    log[code === 500 ? 'warn' : 'info']({ err: fault, verb, code }, 'API request could not be answered');
    // A header must not contain a line break, and people read this one.
    return { code, text: sanitizeLine(fault instanceof Error ? fault.message : String(fault)) };
  });
  const isAwaited = now() - askedAt < answerableMs && link !== undefined && link === linkOf(connection);
  if (!isAwaited) return log.debug({ verb }, 'API reply too late, not sent');
  const limit = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
  try {
    if (typeof reply !== 'string') message.respondError(reply.code, reply.text, noReply);
    else if (Buffer.byteLength(reply) > limit)
      message.respondError(500, 'the reply is larger than NATS accepts', noReply);
    else message.respond(encode(reply));
  } catch (error) {
    log.warn({ err: error, verb }, 'API reply could not be sent');
  }
}

async function logStop(service: Service, log: AnswererSurroundings['log']): Promise<void> {
  const error = await service.stopped;
  if (error) log.error({ err: error }, 'API stopped');
}
