import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { parseTracks } from '@k8sta/tracks';
import picocolors from 'picocolors';
import { drawBoard } from './paint.js';

describe('the board on a terminal', () => {
  const text = 'tracks: [{name: a, images: [{repository: acme/a}], stations: [{name: dev, applications: [dev]}]}]';
  const parsed = parseTracks([{ path: 'tracks.yaml', text }]);
  const tracks = 'tracks' in parsed ? parsed.tracks : [];
  const facts = { tracks, tickets: new Map(), applications: new Map(), findings: new Map() };
  const draw = (columns: number, isColoured: boolean) =>
    drawBoard(facts, new Date(0), { columns, rows: 24 }, picocolors.createColors(isColoured));

  it('is in colour if the terminal supports it', () => {
    assert.ok(draw(80, true).includes('\u001b[31m? dev not seen\u001b[39m'));
    assert.equal(draw(80, false), 'a  docker.io/acme/a\n  ● dev  -  ? dev not seen');
  });

  it('gives colours no width', () => {
    for (const columns of [10, 20, 80])
      assert.equal(stripVTControlCharacters(draw(columns, true)), draw(columns, false));
  });
});
