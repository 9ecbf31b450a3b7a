import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError, portReason } from '@k8sta/runtime';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import type { Access } from '../access/access.js';
import type { Oidc } from '../access/oidc.js';
import { options as config } from '../config.js';
import { addReadRoutes, type Readable } from './read-routes.js';
import { refuse } from './refusals.js';
import { isFromOurPage, securityHeaders } from './security.js';
import { addWordRoute, type Speaking } from './word-route.js';

export interface ServerOptions extends Omit<Readable, 'tap'>, Omit<Speaking, 'tap'> {
  readonly tap: Readable['tap'] & Speaking['tap'];
  readonly access: Access | Oidc;
  /** Whether only those who are signed in may look. */
  readonly isClosed: boolean;
  /** Answers with the page and its files. */
  readonly pages: (context: Context) => Promise<void>;
}

export interface BoardServer {
  readonly port: number;
  close(): Promise<void>;
}

/** How long a request may take to be answered when the board shuts down. */
const drainMs = 10_000;

/** Starts to listen on this port; 0 takes a free one. */
export async function startServer(options: ServerOptions, port: number): Promise<BoardServer> {
  const app = createApp(options);
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 32 * 1024 },
    app.callback(),
  );
  server.listen(port);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`${config.httpPort.env}: ${portReason(port, error)}`]);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      options.viewers.close();
      server.closeIdleConnections();
      const cutOff = setTimeout(() => server.closeAllConnections(), drainMs);
      await closed;
      clearTimeout(cutOff);
    },
  };
}

function createApp(options: ServerOptions): Koa {
  const { log, metrics, origin, access, isClosed } = options;
  const app = new Koa();
  app.on('error', (error: NodeJS.ErrnoException) => log.debug({ code: error.code }, 'answer could not be delivered'));
  // Otherwise `/API/tracks` finds the route, but not the question below who asks.
  const router = new Router({ sensitive: true });
  addReadRoutes(router, options);
  addWordRoute(router, options);
  addMe(router, options);
  if ('start' in access) addSignIn(router, access, origin);
  app.use(securityHeaders(origin?.startsWith('https:') ?? false));
  app.use(async (context, next) => {
    await next().catch((error: unknown) => {
      log.error({ err: error, path: context.path }, 'request failed');
      refuse(context, 'InternalError', 'internal error');
    });
    metrics.answered(String(context['_matchedRouteName'] ?? 'page'), context.status);
  });
  app.use(async (context, next) => {
    if (context.path.startsWith('/api/')) context.set('Cache-Control', 'no-store');
    const isOpen = !isClosed || !context.path.startsWith('/api/') || context.path === '/api/me';
    if (isOpen || (await access.person(context))) return next();
    refuse(context, 'SignInRequired', 'sign in first');
  });
  app.use(router.routes());
  app.use(async (context) => {
    if (/^\/(api|auth)\//.test(context.path)) return refuse(context, 'NotFound', 'there is nothing here');
    await options.pages(context);
  });
  return app;
}

/** Who the person is, and what they may do: the page shows only that, and the server checks it again. */
function addMe(router: Router, { access, roles, tracks, isClosed }: ServerOptions): void {
  router.get('me', '/api/me', async (context) => {
    const person = await access.person(context);
    const known = tracks.find(({ name }) => name === context.query['track']);
    context.body = {
      signIn: access.signIn,
      isClosed,
      name: person?.name,
      mayEverywhere: person ? roles.mayEverywhere(person) : [],
      may: person && known ? roles.mayOn(person, known.name) : [],
    };
  });
}

function addSignIn(router: Router, oidc: Oidc, origin: string | undefined): void {
  router.get('sign-in', '/auth/sign-in', (context) => oidc.start(context));
  router.get('sign-in', '/auth/callback', (context) => oidc.finish(context));
  router.post('sign-out', '/auth/sign-out', (context) => {
    if (!isFromOurPage(context, origin))
      return refuse(context, 'OriginRefused', 'only a page of the board may do this');
    oidc.signOut(context);
    context.status = 204;
  });
}
