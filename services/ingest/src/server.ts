import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '@k8sta/bus';
import { ConfigError, portReason } from '@k8sta/runtime';
import Koa from 'koa';
import { type Answer, type AnswerOptions, answerTo } from './answer.js';
import { options as config } from './config.js';
import type { Metrics } from './metrics.js';
import { outcomes } from './outcome.js';

export interface ServerOptions extends AnswerOptions {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The webhook endpoint, listening. */
export interface WebhookServer {
  readonly port: number;
  /** Takes no more connections, lets what is in hand be answered, and cuts off who is too slow for that. */
  close(): Promise<void>;
}

const secondMs = 1000;

/** Starts the endpoint on this port; 0 takes a free one. */
export async function startServer(options: ServerOptions, port: number, host?: string): Promise<WebhookServer> {
  const draining = { is: false };
  const limits = {
    headersTimeout: 10 * secondMs,
    requestTimeout: 30 * secondMs,
    keepAliveTimeout: 5 * secondMs,
    connectionsCheckingInterval: 5 * secondMs,
  };
  const server = createServer(limits, createApp(options, draining).callback());
  server.listen(port, host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`${config.httpPort.env}: ${portReason(port, error)}`]);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      draining.is = true;
      const cutOff = setTimeout(() => server.closeAllConnections(), 10 * secondMs);
      const closed = once(server, 'close');
      server.close();
      await closed;
      clearTimeout(cutOff);
    },
  };
}

function createApp(options: ServerOptions, draining: { readonly is: boolean }): Koa {
  const { log, metrics } = options;
  const app = new Koa();
  // What is answered below is logged below; the rest is a connection that broke while it was written to.
  app.on('error', (error: NodeJS.ErrnoException) =>
    log.debug({ code: error.code }, 'an answer could not be delivered'),
  );
  app.use(async (context) => {
    const began = performance.now();
    const answer = await answerTo(context.req, options).catch((error: unknown): Answer => {
      return { outcome: 'defect', body: { error: 'internal error' }, fields: { err: error } };
    });
    const { status } = outcomes[answer.outcome];
    context.status = status;
    context.body = answer.body;
    if (answer.headers) context.set({ ...answer.headers });
    if (draining.is) context.set('Connection', 'close');
    const ms = Math.round(performance.now() - began);
    metrics.answered(answer.sender, answer.outcome, ms / secondMs);
    // The path's pattern, never the path: a secret ends it.
    const route = answer.sender ? `/webhooks/${answer.sender}/:secret` : 'unknown';
    const fields = { route, method: context.method, status, outcome: answer.outcome, ms, ...answer.fields };
    if (status >= 500) log.error(fields, 'webhook');
    // Whoever knew the secret posted something else than it should; anybody may ask for a path that is not there.
    else if (status >= 400 && answer.sender) log.warn(fields, 'webhook');
    else log.info(fields, 'webhook');
  });
  return app;
}
