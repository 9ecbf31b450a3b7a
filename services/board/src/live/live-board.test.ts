import assert from 'node:assert/strict';
import type { Ticket } from '@k8sta/contracts';
import { boardOf } from './board-facts.fixture.js';
import type { LiveBoard } from './live-board.js';

const namesSince = (board: LiveBoard, version: number) =>
  board.since(version).tracks.map((json) => (JSON.parse(json) as { name: string }).name);

describe('the live board', () => {
  it('gives a viewer only the Tracks that have changed since its version, each once', () => {
    const { board, observe } = boardOf(3);
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
    const { board, observe } = boardOf(1);
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

  it('looks only at the Tracks of which something has changed', () => {
    const { board, observe, drawn } = boardOf(10);
    drawn.length = 0;
    observe('t7-dev', 'acme/t7:1');
    observe('t2-dev', 'acme/t2:1');
    board.refresh();
    board.refresh();
    assert.deepEqual(drawn, ['t2', 't7']);
  });
});

function ticketOf(track: string, id: string): Ticket {
  const at = '2026-01-01T00:00:00Z';
  return {
    ...{ id, track, image: { repository: `docker.io/acme/${track}`, tag: '1' }, pushedAt: at, stations: [] },
    state: { is: 'completed', since: at },
  } as unknown as Ticket;
}
