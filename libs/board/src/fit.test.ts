import assert from 'node:assert/strict';
import stringWidth from 'string-width';
import { ago, board, runs, ticket, tracksOf } from './board.fixture.js';

describe('the board, without enough room,', () => {
  const degraded = { health: { status: 'Degraded' } } as const;
  const many = (count: number) => {
    const names = Array.from({ length: count }, (_, at) => `storefront-europe-${at}`);
    return tracksOf(`
tracks:
- name: storefront
  images: [{repository: acme/storefront}]
  stations: [{name: prod, applications: [${names.join(', ')}]}]
`);
  };

  it('shows the Applications in trouble first, and counts the hidden ones', () => {
    const applications = new Map(
      Array.from({ length: 9 }, (_, at) =>
        runs(`storefront-europe-${at}`, 'acme/storefront:1', at === 8 ? degraded : {}),
      ),
    );
    assert.deepEqual(board({ tracks: many(9), applications }, 80).slice(1), [
      '  ● prod  1  ✗ storefront-europe-8 Degraded  ✓ storefront-europe-0  +7 more',
    ]);
    assert.equal(board({ tracks: many(9), applications }, 240)[1]?.split('✓').length, 9);
  });

  it('takes as many lines as the Applications in trouble need', () => {
    const applications = new Map(
      Array.from({ length: 7 }, (_, at) =>
        runs(`storefront-europe-${at}`, 'acme/storefront:1', at < 5 ? degraded : {}),
      ),
    );
    assert.deepEqual(board({ tracks: many(7), applications }, 60).slice(1), [
      '  ● prod  1  ✗ storefront-europe-0 Degraded',
      '             ✗ storefront-europe-1 Degraded',
      '             ✗ storefront-europe-2 Degraded',
      '             ✗ storefront-europe-3 Degraded',
      '             ✗ storefront-europe-4 Degraded  +2 more',
    ]);
  });

  it('shows the whole message of a problem', () => {
    const message = `argocd/prod: Degraded: ${'the container crashes again and again '.repeat(4)}at line 17`;
    const tickets = new Map([
      ticket('1', { is: 'failed', station: 'prod', reason: 'Degraded', message, since: ago(60) }),
    ]);
    const lines = board({ tickets }, 60);
    assert.equal(
      lines
        .slice(lines.indexOf('') + 1)
        .map((line) => line.trim())
        .join(' '),
      `✗ 1  failed at prod 1m ago  ${message}`,
    );
    assert.ok(lines.every((line) => stringWidth(line) <= 60));
  });

  it('shows a failure until a newer Ticket completes, and counts the other ended Tickets', () => {
    const failed = {
      is: 'failed',
      station: 'prod',
      reason: 'Degraded',
      message: 'crash loop',
      since: ago(3600),
    } as const;
    const later = [1, 2, 3, 4, 5].map((at) =>
      ticket(`2.${at}`, {
        is: 'superseded',
        by: 'a',
        reason: 'NewerTicket',
        message: 'a newer one',
        since: ago(600 - at),
      }),
    );
    const lines = board({ tickets: new Map([ticket('1.0', failed), ...later]) });
    assert.deepEqual(lines.slice(-4), [
      '  ✗ 1.0  failed at prod 1h ago  crash loop',
      '  » 2.5  superseded 9m ago  a newer one',
      '  » 2.4  superseded 9m ago  a newer one',
      '  … and 3 more Tickets that ended',
    ]);
    const completed = ticket('1.1', { is: 'completed', since: ago(1800) });
    const healed = board({ tickets: new Map([ticket('1.0', failed), completed, ...later]) });
    assert.ok(!healed.some((line) => line.includes('failed')));
  });

  const twenty = (wrong: (at: number) => boolean) => {
    const names = Array.from({ length: 20 }, (_, at) => `t${at}`);
    const text = names.map(
      (name) =>
        `- name: ${name}\n  images: [{repository: acme/${name}}]\n  stations: [{name: dev, applications: [${name}-dev]}, {name: prod, applications: [${name}]}]`,
    );
    const applications = new Map(
      names.flatMap((name, at) => [
        runs(`${name}-dev`, `acme/${name}:1`),
        runs(name, `acme/${name}:1`, wrong(at) ? degraded : {}),
      ]),
    );
    return { tracks: tracksOf(`tracks:\n${text.join('\n')}`), applications };
  };

  it('shows the Tracks in trouble first, and counts the hidden ones', () => {
    const lines = board(
      twenty((at) => at >= 18),
      80,
      24,
    );
    assert.ok(lines.length <= 24);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('t')).map((line) => line.split(' ')[0]),
      ['t18', 't19', 't0', 't1'],
    );
    assert.equal(lines.at(-1), '… and 16 more Tracks without trouble');
  });

  it('shows only problems if they would not fit otherwise', () => {
    const lines = board(
      twenty((at) => at % 3 === 0),
      80,
      24,
    );
    assert.equal(lines.filter((line) => line.includes('Degraded')).length, 7);
    assert.equal(lines.at(-1), '… and 13 more Tracks without trouble');
    assert.ok(lines.length <= 24);
  });

  it('counts the hidden Tracks in trouble', () => {
    const lines = board(
      twenty(() => true),
      80,
      24,
    );
    assert.equal(lines.filter((line) => line.includes('Degraded')).length, 8);
    assert.equal(lines.at(-1), '… and 12 more Tracks in trouble');
    assert.ok(lines.length <= 24);
  });

  it('counts the lines of a Track that is higher than the terminal', () => {
    const tickets = new Map([
      ticket('9', { is: 'waiting', next: 'dev', on: 'block', reason: 'BlockHeld', message: 'held', since: ago(1) }),
    ]);
    assert.deepEqual(board({ tickets }, 80, 4), [
      'storefront  docker.io/acme/storefront',
      '  ● dev    -  ? dev not seen',
      '  ● stage  -  ? stage-eu not seen  ? stage-us not seen',
      '… and 1 more line of storefront',
    ]);
  });

  it('keeps to any size', () => {
    const facts = twenty((at) => at % 2 === 0);
    for (const columns of [1, 2, 5, 7, 12, 20, 33, 60, 79, 80, 81, 200]) {
      for (const rows of [1, 2, 3, 5, 24, 300]) {
        const lines = board(facts, columns, rows);
        assert.ok(lines.length <= rows, `${lines.length} lines on ${rows} rows`);
        for (const line of lines) assert.ok(stringWidth(line) <= columns, `${columns} columns: ${line}`);
        if (columns > 6) for (const line of lines) assert.notEqual(line.trim(), '…');
      }
    }
  });
});
