import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import stringWidth from 'string-width';
import { ago, board, runs, ticket, tracksOf } from './board.fixture.js';

describe('the board', () => {
  it('shows on day 0 the images of each Station, and no Ticket', () => {
    const applications = new Map([
      runs('dev', 'acme/storefront:1.4.2'),
      runs('stage-eu', 'acme/storefront:1.4.1'),
      runs('stage-us', 'acme/storefront:1.4.0'),
    ]);
    assert.deepEqual(board({ applications }), [
      'storefront  docker.io/acme/storefront',
      '  ● dev    1.4.2         ✓ dev',
      '  │',
      '  ● stage  1.4.0, 1.4.1  ✓ stage-eu  ✓ stage-us',
      '  │',
      '  ● prod   -             ? prod not seen',
    ]);
  });

  it('shows each Ticket at its Station, with its state, its age and its message; and the last one that ended', () => {
    const applications = new Map([
      runs('dev', 'acme/storefront:1.4.2'),
      runs('stage-eu', 'acme/storefront:1.4.2', { health: { status: 'Progressing' } }),
      runs('stage-us', 'acme/storefront:1.4.1', { sync: { status: 'OutOfSync', revisions: [] } }),
      runs('prod', 'acme/storefront:1.4.0', { health: { status: 'Degraded' } }),
    ]);
    const tickets = new Map([
      ticket('1.3.0', { is: 'completed', since: ago(86_400) }),
      ticket('1.4.0', { is: 'completed', since: ago(7200) }),
      ticket('1.4.1', { is: 'failed', station: 'prod', reason: 'Degraded', message: 'crash loop', since: ago(600) }),
      ticket('1.4.1-x', { is: 'superseded', by: 'a', reason: 'NewerTicket', message: 'a newer one', since: ago(700) }),
      ticket('1.4.2', {
        is: 'syncing',
        station: 'stage',
        reason: 'Progressing',
        promotion: 'p',
        deadline: ago(-60),
        message: 'argocd/stage-us: OutOfSync, auto-sync is off',
        since: ago(3),
      }),
      ticket('1.4.3', {
        is: 'waiting',
        at: 'dev',
        next: 'stage',
        on: 'block',
        reason: 'BlockHeld',
        message: 'stage is held',
        since: ago(90),
      }),
      ticket('1.4.4', {
        is: 'waiting',
        next: 'dev',
        on: 'block',
        reason: 'BlockHeld',
        message: 'dev is held',
        since: ago(1),
      }),
    ]);
    assert.deepEqual(board({ applications, tickets }), [
      'storefront  docker.io/acme/storefront',
      '    ▷ 1.4.4  waiting 1s  dev is held',
      '  ● dev    1.4.2         ✓ dev',
      '  │ ▷ 1.4.3  waiting 1m  stage is held',
      '  │',
      '  ● stage  1.4.1, 1.4.2  … stage-eu Progressing  … stage-us OutOfSync',
      '  │ ▶ 1.4.2  syncing 3s  argocd/stage-us: OutOfSync, auto-sync is off',
      '  │',
      '  ● prod   1.4.0         ✗ prod Degraded',
      '',
      '  ✗ 1.4.1  failed at prod 10m ago  crash loop',
      '  » 1.4.1-x  superseded 11m ago  a newer one',
      '  ✓ 1.4.0  completed 2h ago',
      '  … and 1 more Ticket that ended',
    ]);
  });

  it('names the repository of an image if a Track has several, and shows each Ticket on its own Track', () => {
    const tracks = tracksOf(`
tracks:
- name: storefront
  images: [{repository: acme/web}, {repository: ghcr.io/acme/api}]
  stations: [{name: dev, applications: [dev]}]
- name: other
  images: [{repository: acme/web}]
  stations: [{name: dev, applications: [other-dev]}]
`);
    const applications = new Map([runs('dev', 'acme/web:2', { images: ['ghcr.io/acme/api:1', 'acme/web:2'] })]);
    const tickets = new Map([ticket('3', { is: 'completed', since: ago(1) }, 'ghcr.io/acme/api')]);
    const lines = board({ tracks, applications, tickets });
    assert.ok(lines.includes('  ● dev  api:1, web:2  ✓ dev'));
    assert.equal(lines.filter((line) => line.includes('✓ api:3  completed')).length, 1);
  });

  it('shows a rollback and its reason at its Station, and the Tracks of a junction', () => {
    const tracks = tracksOf(`
tracks:
- name: storefront
  images: [{repository: acme/storefront}]
  stations: [{name: dev, applications: [dev]}, {name: world, tracks: [asia, america]}]
- name: asia
  stations: [{name: prod, applications: [asia]}]
- name: america
  stations: [{name: prod, applications: [america]}]
`);
    const applications = new Map(['dev', 'asia', 'america'].map((name) => runs(name, 'acme/storefront:1')));
    const failure = { reason: 'Degraded' as const, message: 'crash loop' };
    const tickets = new Map([
      ticket('2', {
        ...{ is: 'rollingBack', station: 'dev', promotion: 'p', to: '1', notAfter: ago(-60), failure },
        ...{ reason: 'RollbackRequested', message: 'crash loop; going back to 1', since: ago(5) },
      }),
    ]);
    assert.deepEqual(board({ tracks, applications, tickets }).slice(1, 5), [
      '  ● dev    1  ✓ dev',
      '  │ ◀ 2  rolling back 5s  crash loop; going back to 1',
      '  │',
      '  ● world  -  → asia  → america',
    ]);
  });

  it('is as the README shows it', () => {
    const tracks = tracksOf(readFileSync(new URL('../../../docs/examples/tracks.yaml', import.meta.url), 'utf8'));
    const applications = new Map([
      runs('storefront-dev', 'acme/storefront:1.4.2'),
      runs('storefront-stage-eu', 'acme/storefront:1.4.2'),
      runs('storefront-stage-us', 'acme/storefront:1.4.2', {
        health: { status: 'Progressing' },
        images: ['acme/storefront:1.4.1', 'acme/storefront:1.4.2'],
      }),
      runs('storefront-prod', 'acme/storefront:1.4.1'),
    ]);
    const resource = 'apps/Deployment:storefront-stage-us/storefront-stage-us-storefront';
    const tickets = new Map([
      ticket('1.4.2', {
        ...{ is: 'syncing', station: 'stage', reason: 'Progressing', promotion: 'p', deadline: ago(-60) },
        ...{ since: ago(1), message: `argocd/storefront-stage-us: Progressing: Caused by ${resource}` },
      }),
    ]);
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const [, shown = ''] = /```board\n([\s\S]*?)```/.exec(readme) ?? [];
    assert.equal(`${board({ tracks, applications, tickets }, 150).join('\n')}\n`, shown);
  });

  it('shows the problems of a Track before a Ticket waits for them', () => {
    const finding = { station: 'stage', reason: 'SharedFile' as const, message: 'prod reads it too', holds: true };
    const lines = board({ findings: new Map([['storefront', [finding]]]) });
    assert.equal(lines[1], '  ! stage is held  prod reads it too');
  });

  it('shows the Applications that a Station selects by labels', () => {
    const selector = 'selector: {matchLabels: {env: dev}}';
    const text = `tracks: [{name: storefront, images: [{repository: acme/web}], stations: [{name: dev, ${selector}}]}]`;
    const applications = new Map([
      runs('a', 'acme/web:1', { labels: { env: 'dev' } }),
      runs('b', 'acme/web:2', { labels: { env: 'prod' } }),
    ]);
    assert.equal(board({ tracks: tracksOf(text), applications })[1], '  ● dev  1  ✓ a');
  });

  it('says that an Application is gone', () => {
    assert.ok(
      board({ applications: new Map([['argocd/dev', undefined]]) }).some((line) => /\? dev is gone$/.test(line)),
    );
  });

  it('cuts a line at the width of the terminal, and removes control characters', () => {
    const message = `\u001b[2J\u001b[31mcrash\r\nloop\u0007\u202e ${'x'.repeat(200)}`;
    const tickets = new Map([
      ticket('9', { is: 'waiting', next: 'dev', on: 'block', reason: 'BlockHeld', message, since: ago(1) }),
    ]);
    const lines = board({ tickets }, 40);
    assert.equal(lines[1], '    ▷ 9  waiting 1s  crash loop xxxxxxx…');
    assert.ok(lines.every((line) => stringWidth(line) <= 40));
  });

  it('counts columns as a terminal does: an ideograph takes two', () => {
    const message = '出荷'.repeat(20);
    const tickets = new Map([
      ticket('9', { is: 'waiting', next: 'dev', on: 'block', reason: 'BlockHeld', message, since: ago(1) }),
    ]);
    const lines = board({ tickets }, 40);
    assert.equal(lines[1], `    ▷ 9  waiting 1s  ${'出荷'.repeat(4)}出…`);
    assert.equal(stringWidth(lines[1] ?? ''), 40);
  });

  it('says since when the connection is lost', () => {
    assert.equal(
      board({ disconnectedSince: new Date(ago(90)) })[0],
      '! no connection to NATS for 1m: the board may be out of date',
    );
  });
});
