import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Log } from '@k8sta/bus';
import { ConfigError, portReason } from '@k8sta/runtime';
import Koa from 'koa';
import { type Answer, type AnswerOptions, answerTo } from './answer.js';
import { options as config } from './config.js';
import type { Metrics } from './metrics.js';
import { type Outcome, outcomes } from './outcome.js';
import { answerOnSocket, outcomeOfRefusal, refusalBody } from './refused-by-node.js';

export interface ServerOptions extends AnswerOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  /** How long a request may take to arrive, in milliseconds. Default: 30 s, 10 s of them for its headers. */
  readonly requestTimeoutMs?: number;
}

/** The webhook endpoint, listening. */
export interface WebhookServer {
  readonly port: number;
  /** Takes no more connections, lets requests in flight be answered, and cuts off the slow ones. */
  close(): Promise<void>;
}

const secondMs = 1000;

/** Starts the endpoint on this port; 0 takes a free one. */
export async function startServer(options: ServerOptions, port: number, host?: string): Promise<WebhookServer> {
  const state: State = { isDraining: false, refused: new WeakMap(), inFlight: new WeakSet() };
  const { requestTimeoutMs = 30 * secondMs } = options;
  const server = createServer({
    headersTimeout: Math.min(10 * secondMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 5 * secondMs,
    connectionsCheckingInterval: Math.min(5 * secondMs, requestTimeoutMs),
    // Node would answer by itself, and count it nowhere.
    requireHostHeader: false,
  });
  takeRequests(server, options, state);
  takeRefusals(server, options, state);
  server.listen(port, host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`${config.httpPort.env}: ${portReason(port, error)}`]);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      state.isDraining = true;
      const cutOff = setTimeout(() => server.closeAllConnections(), 10 * secondMs);
      const closed = once(server, 'close');
      server.close();
      await closed;
      clearTimeout(cutOff);
    },
  };
}

interface State {
  isDraining: boolean;
  /** Connections with a request that is being answered. */
  readonly inFlight: WeakSet<Socket>;
  /** What Node refused of a request in flight, such as one whose body comes too slowly. */
  readonly refused: WeakMap<Socket, Outcome>;
}

function takeRequests(server: Server, options: ServerOptions, state: State): void {
  const app = new Koa();
  // What is answered below is logged below; the rest is a connection that broke while it was written to.
  app.on('error', (error: NodeJS.ErrnoException) =>
    options.log.debug({ code: error.code }, 'an answer could not be delivered'),
  );
  app.use(async (context) => {
    const began = performance.now();
    const { req: request, res: response } = context;
    state.inFlight.add(request.socket);
    const answer = await answerRequest(request, () => asksFirst(request) && response.writeContinue());
    state.inFlight.delete(request.socket);
    context.status = outcomes[answer.outcome].status;
    context.body = answer.body;
    if (answer.headers) context.set({ ...answer.headers });
    // Node would read the rest of the body, however long it is, for the sake of the next request.
    const isUnread = !request.complete || answer.outcome === 'tooLarge';
    const isStranger = answer.sender === undefined;
    if (isUnread || isStranger || state.isDraining) context.set('Connection', 'close');
    report(options, answer, context.method, Math.round(performance.now() - began));
  });
  const answerRequest = async (request: IncomingMessage, sendContinue: () => void): Promise<Answer> => {
    if (request.headers.expect !== undefined && !asksFirst(request)) {
      return { outcome: 'expectationFailed', body: { error: 'Expect may only be 100-continue' } };
    }
    const answer = await answerTo(request, options, sendContinue).catch((error: unknown): Answer => {
      return { outcome: 'defect', body: { error: 'internal error' }, fields: { err: error } };
    });
    const refused = answer.outcome === 'aborted' ? state.refused.get(request.socket) : undefined;
    return refused ? { ...answer, outcome: refused, body: refusalBody(refused), fields: {} } : answer;
  };
  const listener = app.callback();
  server.on('request', listener);
  // Else Node asks for the body before we know whose it is.
  server.on('checkContinue', listener);
  server.on('checkExpectation', listener);
}

function asksFirst({ headers }: IncomingMessage): boolean {
  return /^100-continue$/i.test(headers.expect ?? '');
}

/** What Node refuses by itself is answered, counted and logged like everything else. */
function takeRefusals(server: Server, options: ServerOptions, { inFlight, refused }: State): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const connection = socket as Socket;
    const outcome = outcomeOfRefusal(error);
    if (outcome === undefined || !connection.writable) {
      connection.destroy();
      return;
    }
    if (inFlight.has(connection)) refused.set(connection, outcome);
    else report(options, { outcome, body: {} }, undefined);
    answerOnSocket(connection, outcome);
  });
}

function report({ log, metrics }: ServerOptions, answer: Answer, method: string | undefined, ms?: number): void {
  const { status } = outcomes[answer.outcome];
  metrics.answered(answer.sender, answer.outcome, ms === undefined ? undefined : ms / secondMs);
  // The path's pattern, never the path: a secret ends it.
  const route = answer.sender ? `/webhooks/${answer.sender}/:secret` : 'unknown';
  const fields = { route, method, status, outcome: answer.outcome, ms, ...answer.fields };
  if (status >= 500) log.error(fields, 'webhook');
  // A sender that knows the secret posted something else than it should; anybody may ask for a path that is not there.
  else if (status >= 400 && answer.sender) log.warn(fields, 'webhook');
  else log.info(fields, 'webhook');
}
