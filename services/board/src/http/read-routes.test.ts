import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ticket } from '@k8sta/contracts';
import Router from '@koa/router';
import Koa from 'koa';
import { createLinks } from '../links.js';
import { boardOf } from '../live/board-facts.fixture.js';
import { Viewers } from '../live/stream.js';
import { addReadRoutes } from './read-routes.js';

const at = '2026-01-01T00:00:00Z';
const application = { namespace: 'argocd', name: 't0-dev', outcome: 'edited' };
const ticket = {
  ...{ id: 'a1', track: 't0', image: { repository: 'docker.io/acme/t0', tag: '1' }, pushedAt: at, receivedAt: at },
  stations: [
    {
      ...{ station: 'dev', attempt: 1, requestedAt: at },
      commits: [{ repository: 'git.test/a', branch: 'main', revision: 'a', applications: [application] }],
    },
  ],
  state: { is: 'completed', since: at },
} as unknown as Ticket;

describe('what the board answers', () => {
  let server: Server;
  let viewers: Viewers;

  before(async () => {
    const { board, facts, observe } = boardOf(1);
    observe('t0-dev', 'acme/t0:1', 'eu');
    board.take({ of: 'ticket', track: 't0', id: 'a1', ticket });
    board.refresh();
    viewers = new Viewers(board, 1);
    const router = new Router();
    const links = createLinks(
      new Map([
        ['default', 'https://argocd.test'],
        ['eu', 'https://eu.test'],
      ]),
      new Map(),
    );
    const tap = { history: async () => {} };
    const { tracks } = facts;
    addReadRoutes(router, { tap, tracks, live: { board, facts }, viewers, links });
    server = new Koa().use(router.routes()).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server?.close());

  const request = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init);
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of the answer
  const get = async (path: string): Promise<any> => (await request(path)).json();

  it('links an Application with the Argo CD that has it, on its Track and on its Ticket', async () => {
    const page = 'https://eu.test/applications/argocd/t0-dev';
    assert.equal((await get('/api/tracks/t0')).links['argocd/t0-dev'], page);
    const { stations } = await get('/api/tracks/t0/tickets/a1');
    assert.equal(stations[0].commits[0].applications[0].link, page);
  });

  it('answers a question for the headers of the stream, and opens none', async () => {
    const { status, headers } = await request('/api/events', { method: 'HEAD', signal: AbortSignal.timeout(5_000) });
    assert.deepEqual([status, headers.get('content-type'), viewers.isFull], [200, 'text/event-stream', false]);
  });
});
