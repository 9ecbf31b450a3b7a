import assert from 'node:assert/strict';
import type { Ticket } from '@k8sta/contracts';
import { repository } from '../ride/ride.fixture.js';
import { apiForEach, failed, refused, type TestApi } from './api.fixture.js';

describe('the API of the tracker', () => {
  let api: TestApi;
  let app: string;
  let other: string;

  apiForEach((next) => {
    ({ api, app, other } = next);
  });

  it('lists, shows and finds a Ticket that has ended by how its id begins', async () => {
    const ticket = await api.end(api.open(app, '1.0.0'), failed);
    const open = api.open(app, '2.0.0');
    const listed = async (request: Parameters<typeof api.handlers.tickets>[0]) => {
      const reply = await api.handlers.tickets(request, 'bob');
      return 'tickets' in reply ? (reply.tickets as Ticket[]).map(({ id }) => id) : assert.fail(reply.message);
    };
    assert.deepEqual(await listed({ track: app }), [open.id]);
    assert.deepEqual((await listed({ track: app, ended: true })).sort(), [open.id, ticket.id].sort());
    assert.deepEqual(await listed({ track: other, ended: true }), []);
    const shown = await api.handlers.ticket({ ticket: ticket.id.slice(0, 6) }, 'bob');
    assert.deepEqual([shown.ok, (shown as { ticket?: Ticket }).ticket?.state.is], [true, 'failed']);
  });

  it('lists the Tracks, and shows one with its Stations', async () => {
    const ticket = api.open(app, '1.0.0');
    const since = '2026-01-01T00:00:00Z';
    const record = { station: 'dev', attempt: 1, parts: 1, requestedAt: since, commits: [], arrivedAt: since };
    await api.end(api.open(app, '0.9.0'), { is: 'completed', since }, [record]);
    const listed = await api.handlers.tracks({}, 'bob');
    assert.deepEqual(
      listed.ok && (listed.tracks as { name: string; tickets: number }[]).map((t) => [t.name, t.tickets]),
      [
        [app, 1],
        [other, 0],
      ],
    );
    const shown = await api.handlers.track({ track: app }, 'bob');
    assert.deepEqual(shown.ok && (shown.track as { stations: object[] }).stations, [
      {
        ...{ name: 'dev', applications: ['argocd/dev'], image: `${repository}:0.9.0`, arrivedAt: since },
        tickets: [ticket.id],
      },
      { name: 'prod', applications: ['argocd/prod'], tickets: [] },
    ]);
    refused(await api.handlers.track({ track: 'nope' }, 'bob'), 'TrackUnknown', /nope/);
  });

  it('bounds a list by its length and its bytes, and says how many it leaves out', async () => {
    for (let patch = 0; patch < 12; patch++)
      await api.end(api.open(app, `1.0.${patch}`), { ...failed, message: 'x'.repeat(100_000) });
    const reply = await api.handlers.tickets({ track: app, ended: true, limit: 10 }, 'bob');
    assert.ok(reply.ok);
    assert.ok(JSON.stringify(reply).length < 600_000);
    assert.equal((reply.tickets as object[]).length + Number(reply.more), 10);
  });
});
