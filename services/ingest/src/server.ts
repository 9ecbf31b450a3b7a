import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Log } from '@k8sta/bus';
import { ConfigError, portReason } from '@k8sta/runtime';
import Koa from 'koa';
import type { Answer } from './answer.js';
import { UnprovenBodies } from './body.js';
import { type CheckReports, receiveReport } from './checks/receive-report.js';
import { options as config } from './config.js';
import type { Metrics } from './metrics.js';
import { TokenVerifier } from './oidc/verify.js';
import { type Outcome, outcomes } from './outcome.js';
import { type ProposalHints, receiveHint } from './proposals/receive-hint.js';
import { type ReceiveOptions, receive } from './receive.js';
import { answerOnSocket, outcomeOfRefusal, refusalBody } from './refused-by-node.js';

export interface ServerOptions extends Omit<ReceiveOptions, 'unprovenBodies' | 'tokens'> {
  /** Default: a verifier with the time-outs of its own. */
  readonly tokens?: ReceiveOptions['tokens'];
  /** Who may report checks, and where reports are stored. Default: nobody may. */
  readonly checks?: CheckReports;
  /** The forges that may say what happened to pull requests, and where that is stored. Default: none may. */
  readonly proposals?: ProposalHints;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How long a request may take to arrive, in milliseconds. Default: 30 s, 10 s of them for its headers. */
  readonly requestTimeoutMs?: number;
  /** How many bytes the bodies of requests that are not authenticated yet may hold together. Default: 32 MiB. */
  readonly unprovenBytes?: number;
}

/** The webhook endpoint, listening. */
export interface WebhookServer {
  readonly port: number;
  /** Accepts no more connections, answers the requests in flight, and cuts off the slow ones. */
  close(): Promise<void>;
}

const secondMs = 1000;
const mebibyte = 1024 * 1024;

/** Starts the endpoint on this port; 0 takes a free one. */
export async function startServer(options: ServerOptions, port: number, host?: string): Promise<WebhookServer> {
  const state: State = { isDraining: false, refused: new WeakMap(), inFlight: new WeakSet() };
  const { requestTimeoutMs = 30 * secondMs } = options;
  const server = createServer({
    headersTimeout: Math.min(10 * secondMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 5 * secondMs,
    connectionsCheckingInterval: Math.min(5 * secondMs, requestTimeoutMs),
    // Otherwise Node answers by itself, and nothing counts it.
    requireHostHeader: false,
  });
  handleRequests(server, options, state);
  handleRefusals(server, options, state);
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
  /** Why Node refused a request in flight, such as one whose body comes too slowly. */
  readonly refused: WeakMap<Socket, Outcome>;
}

function handleRequests(server: Server, options: ServerOptions, state: State): void {
  const app = new Koa();
  // We log our own answers below. This is a connection that broke while we wrote to it.
  app.on('error', (error: NodeJS.ErrnoException) =>
    options.log.debug({ code: error.code }, 'answer could not be delivered'),
  );
  const answerRequest = answerer(options, state);
  app.use(async (context) => {
    const startedAt = performance.now();
    const { req: request, res: response } = context;
    state.inFlight.add(request.socket);
    const answer = await answerRequest(request, () => asksFirst(request) && response.writeContinue());
    state.inFlight.delete(request.socket);
    context.status = outcomes[answer.outcome].status;
    context.body = answer.body;
    if (answer.headers) context.set({ ...answer.headers });
    // On a connection that stays open, Node would read the rest of the body, however long it is.
    const isUnread = !request.complete || answer.outcome === 'tooLarge';
    const isStranger = answer.sender === undefined;
    if (isUnread || isStranger || state.isDraining) context.set('Connection', 'close');
    report(options, answer, context.method, Math.round(performance.now() - startedAt));
  });
  const listener = app.callback();
  server.on('request', listener);
  // Otherwise Node asks for the body before we know who sends it.
  server.on('checkContinue', listener);
  server.on('checkExpectation', listener);
}

function answerer(options: ServerOptions, state: State) {
  const unprovenBodies = new UnprovenBodies(options.unprovenBytes ?? 32 * mebibyte);
  const tokens = options.tokens ?? new TokenVerifier({ now: options.now });
  return async (request: IncomingMessage, sendContinue: () => void): Promise<Answer> => {
    if (request.headers.expect !== undefined && !asksFirst(request)) {
      return { outcome: 'expectationFailed', body: { error: 'Expect may only be 100-continue' } };
    }
    const answer = await receiveAny(request, { ...options, unprovenBodies, tokens }, sendContinue).catch(
      (error: unknown): Answer => {
        return { outcome: 'defect', body: { error: 'internal error' }, fields: { err: error } };
      },
    );
    const refused = answer.outcome === 'aborted' ? state.refused.get(request.socket) : undefined;
    return refused ? { ...answer, outcome: refused, body: refusalBody(refused), fields: {} } : answer;
  };
}

function receiveAny(
  request: IncomingMessage,
  { checks, proposals, ...options }: ServerOptions & ReceiveOptions,
  sendContinue: () => void,
): Promise<Answer> {
  const { url = '' } = request;
  if (checks && url.startsWith('/checks/')) return receiveReport(request, { ...options, ...checks }, sendContinue);
  if (proposals && url.startsWith('/proposals/')) {
    return receiveHint(request, { ...options, ...proposals }, sendContinue);
  }
  return receive(request, options, sendContinue);
}

function asksFirst({ headers }: IncomingMessage): boolean {
  return /^100-continue$/i.test(headers.expect ?? '');
}

/** Answers, counts and logs what Node refuses by itself, like everything else. */
function handleRefusals(server: Server, options: ServerOptions, { inFlight, refused }: State): void {
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
  const { route = 'unknown', outcome } = answer;
  const fields = { route, method, status, outcome, ms, ...answer.fields };
  const what = messageOf(route);
  if (status >= 500) log.error(fields, what);
  // An authenticated sender posted something wrong. A stranger may ask for anything, so that is no warning.
  else if (status >= 400 && answer.sender) log.warn(fields, what);
  else log.info(fields, what);
}

function messageOf(route: string): string {
  if (route.startsWith('/checks/')) return 'report of a check';
  return route.startsWith('/proposals/') ? 'webhook of a forge' : 'webhook';
}
