import assert from 'node:assert/strict';
import { eventId } from '@k8sta/contracts';
import { until } from '@k8sta/sandbox';
import { type Board, startWorld, type World } from '../world.fixture.js';
import { openStream } from './stream.fixture.js';

const since = '2026-01-01T00:00:00.000Z';
const commit = 'a'.repeat(40);

describe('the board, without configuration', () => {
  let world: World;
  let board: Board;
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of the answer
  const get = async (path: string): Promise<any> => (await fetch(`${board.url}${path}`)).json();

  before(async () => {
    world = await startWorld();
    await world.observe('storefront-dev', 'acme/storefront:1.4.2');
    const record = {
      ...{ station: 'dev', attempt: 1, parts: 1, requestedAt: since, arrivedAt: since },
      commits: [
        {
          ...{ part: 0, repository: 'https://github.com/acme/deploy.git', branch: 'main', revision: commit, commit },
          applications: [],
          ...{
            proposal: { provider: 'github' as const, number: 7, url: 'https://github.com/acme/deploy/pull/7' },
            mergedBy: 'bob',
          },
        },
      ],
    };
    const waiting = { is: 'waiting', at: 'dev', next: 'prod', on: 'gate', reason: 'ApprovalMissing' } as const;
    await world.ticket(
      'storefront',
      't142',
      '1.4.2',
      { ...waiting, message: 'nobody has approved it', since },
      {
        stations: [record],
      },
    );
    await world.bus.publish({
      type: 'ticket.waiting',
      id: eventId('ticket.waiting', 't142', 1),
      ticketId: 't142',
      data: {
        ...{ ticket: 't142', track: 'storefront', image: { repository: 'docker.io/acme/storefront', tag: '1.4.2' } },
        ...{ at: 'dev', next: 'prod', on: 'gate', reason: 'ApprovalMissing', message: 'nobody has approved it', since },
      },
    });
    board = await world.board();
  });
  after(() => world?.stop());

  it('answers with the Tracks, one Track, one Ticket with its life, and a search', async () => {
    const { tracks } = await get('/api/tracks');
    assert.deepEqual(
      tracks.map(({ name, moving }: { name: string; moving: boolean }) => [name, moving]),
      [
        ['storefront', true],
        ['payments', false],
      ],
    );
    const track = await get('/api/tracks/storefront');
    assert.equal(track.track.stations[0].images[0], '1.4.2');
    assert.equal(track.leadTimes[0].station, 'dev');
    const ticket = await get('/api/tracks/storefront/tickets/t142');
    assert.equal(ticket.stations[0].commits[0].link, `https://github.com/acme/deploy/commit/${commit}`);
    const { proposal, mergedBy } = ticket.stations[0].commits[0];
    assert.deepEqual([proposal, mergedBy], [{ name: '#7', link: 'https://github.com/acme/deploy/pull/7' }, 'bob']);
    assert.deepEqual(
      ticket.life.map(({ what, reason }: { what: string; reason: string }) => [what, reason]),
      [['waiting', 'ApprovalMissing']],
    );
    const found = await get('/api/search?q=storefront:1.4.2');
    assert.deepEqual([found.tickets.length, found.stations[0].station], [1, 'dev']);
  });

  it('answers with 404 where there is nothing', async () => {
    for (const path of [
      '/api/tracks/nobody',
      '/api/tracks/storefront/tickets/nobody',
      '/api/nothing',
      '/auth/sign-in',
    ]) {
      assert.equal((await fetch(board.url + path)).status, 404, path);
    }
    assert.equal((await fetch(`${board.url}/assets/nothing.js`)).status, 404);
    assert.equal((await fetch(`${board.url}/assets/..%2f..%2f..%2fpackage.json`)).status, 404);
  });

  it('serves the page for each of its paths, and lets it contact no other host', async () => {
    for (const path of ['/', '/tracks/storefront', '/tracks/storefront/tickets/t142', '/words', '/search?q=1']) {
      const response = await fetch(board.url + path);
      assert.match(await response.text(), /<div id="app">/, path);
      const policy = response.headers.get('content-security-policy') ?? '';
      assert.match(policy, /^default-src 'self';.*frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(response.headers.get('cache-control'), 'no-cache');
    }
    const page = await (await fetch(board.url)).text();
    const [script = ''] = /\/assets\/[\w-]+\.js/.exec(page) ?? [];
    const file = await fetch(board.url + script);
    assert.match(file.headers.get('content-type') ?? '', /javascript/);
    assert.match(file.headers.get('cache-control') ?? '', /immutable/);
  });

  it('lets nobody say a word', async () => {
    const say = (headers: Record<string, string>) =>
      fetch(`${board.url}/api/say/pause`, {
        method: 'POST',
        body: JSON.stringify({ track: 'storefront', message: 'stop' }),
        headers: { 'content-type': 'application/json', 'x-forwarded-user': 'mallory@example.com', ...headers },
      });
    for (const headers of [{}, { origin: board.url }, { origin: 'https://evil.example' }]) {
      assert.equal((await say(headers)).status, 403);
    }
    assert.deepEqual(world.words, []);
  });

  it('streams the whole board, then changes, and after a lost connection only what has changed', async () => {
    const stream = await openStream(board.url);
    const first = await stream.next();
    assert.deepEqual([first.complete, first.tracks.length], [true, 2]);
    await world.ticket('payments', 'p1', '2.0.0', { is: 'completed', since });
    const delta = await stream.next();
    assert.deepEqual([delta.complete, delta.tracks.map(({ name }) => name)], [false, ['payments']]);
    stream.close();
    await world.ticket('payments', 'p2', '2.0.1', { is: 'completed', since });
    await until(async () => (await get('/api/tracks/payments')).track.ended.length === 2);
    const again = await openStream(board.url, delta.id);
    const resumed = await again.next();
    assert.deepEqual([resumed.complete, resumed.tracks.map(({ name }) => name)], [false, ['payments']]);
    again.close();
    const stranger = await openStream(board.url, `${'0'.repeat(12)}-1`);
    assert.equal((await stranger.next()).complete, true, 'the versions of another process mean nothing');
    stranger.close();
  });

  it('sends nothing for an observation that changes nothing that can be seen', async () => {
    const stream = await openStream(board.url);
    await stream.next();
    await world.observe('storefront-dev', 'acme/storefront:1.4.2');
    await world.observe('storefront-dev', 'acme/storefront:1.4.3');
    const { tracks } = await stream.next();
    assert.deepEqual(tracks[0]?.stations[0]?.images, ['1.4.3']);
    stream.close();
  });

  it('counts requests and open pages', async () => {
    const stream = await openStream(board.url);
    await stream.next();
    const metrics = async () => (await fetch(`${board.service.statusUrl}/metrics`)).text();
    assert.match(await metrics(), /^k8sta_board_viewers [1-9]/m);
    stream.close();
    await until(async () => /^k8sta_board_viewers 0$/m.test(await metrics()));
    assert.match(await metrics(), /^k8sta_board_requests_total\{route="track",status="404"\} 1$/m);
  });

  it('is not ready while NATS is away, and says so on the page', async () => {
    const stream = await openStream(board.url);
    await stream.next();
    await world.nats.kill();
    assert.ok((await stream.next()).meta?.disconnectedSince);
    assert.equal((await fetch(`${board.service.statusUrl}/readyz`)).status, 503);
    await world.nats.restart();
    assert.equal((await stream.next()).meta?.disconnectedSince, undefined);
    stream.close();
  });
});
