import assert from 'node:assert/strict';
import type { Facts } from '@k8sta/board';
import type { DataOf, Ticket } from '@k8sta/contracts';
import { parseTracks } from '@k8sta/tracks';
import { LiveBoard } from './live-board.js';

function world(trackCount: number) {
  const stations = (name: string) =>
    ['dev', 'stage', 'prod'].map((station) => `{name: ${station}, applications: [${name}-${station}]}`).join(', ');
  const text = Array.from(
    { length: trackCount },
    (_, at) => `- {name: t${at}, images: [{repository: acme/t${at}}], stations: [${stations(`t${at}`)}]}\n`,
  );
  const parsed = parseTracks([{ path: 'tracks.yaml', text: `tracks:\n${text.join('')}` }]);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  const applications = new Map<string, DataOf<'application.observed'> | undefined>();
  const facts: Facts = { tracks: parsed.tracks, tickets: new Map(), applications, findings: new Map() };
  const board = new LiveBoard(parsed.tracks, () => facts);
  board.refresh();
  const observe = (name: string, image: string) => {
    applications.set(`argocd/${name}`, {
      ...{ namespace: 'argocd', name, images: [image], sync: { status: 'Synced' }, health: { status: 'Healthy' } },
    } as unknown as DataOf<'application.observed'>);
    board.take({ of: 'application', key: `argocd/${name}` });
  };
  return { board, observe };
}

const namesSince = (board: LiveBoard, version: number) =>
  board.since(version).tracks.map((json) => (JSON.parse(json) as { name: string }).name);

describe('the live board', () => {
  it('gives a viewer only the Tracks that have changed since its version, each once', () => {
    const { board, observe } = world(3);
    const { version } = board;
    assert.equal(board.since(0).tracks.length, 3);
    observe('t1-dev', 'acme/t1:1');
    board.refresh();
    observe('t1-dev', 'acme/t1:2');
    board.refresh();
    assert.deepEqual(namesSince(board, version), ['t1']);
    assert.deepEqual(namesSince(board, board.version), []);
  });

  it('calls nobody for a change that cannot be seen', () => {
    const { board, observe } = world(1);
    observe('t0-dev', 'acme/t0:1');
    board.refresh();
    let calls = 0;
    const end = board.onChange(() => {
      calls += 1;
    });
    observe('t0-dev', 'acme/t0:1');
    board.refresh();
    assert.equal(calls, 0);
    board.take({ of: 'ticket', track: 't0', id: 'a', ticket: ticketOf('t0', 'a') });
    board.refresh();
    assert.equal(calls, 1);
    end();
    board.take({ of: 'ticket', track: 't0', id: 'a', ticket: undefined });
    board.refresh();
    assert.equal(calls, 1);
    assert.equal(board.ticketsOf('t0').length, 0);
  });

  it('looks only at what has changed among a thousand Tracks', () => {
    const { board, observe } = world(1_000);
    const startedAt = performance.now();
    for (let at = 0; at < 100; at++) {
      observe(`t${at}-dev`, `acme/t${at}:${at}`);
      board.refresh();
    }
    const msEach = (performance.now() - startedAt) / 100;
    assert.ok(msEach < 50, `${msEach} ms for one change`);
    assert.equal(board.since(1_001).tracks.length, 100);
  });
});

function ticketOf(track: string, id: string): Ticket {
  const at = '2026-01-01T00:00:00Z';
  return {
    ...{ id, track, image: { repository: `docker.io/acme/${track}`, tag: '1' }, pushedAt: at, stations: [] },
    state: { is: 'completed', since: at },
  } as unknown as Ticket;
}
