import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { DataOf, Ticket, TicketState } from '@k8sta/contracts';
import { parseTracks } from '@k8sta/tracks';
import picocolors from 'picocolors';
import { drawBoard } from './board.js';
import type { Facts } from './facts.js';

const now = new Date('2026-03-01T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
const noColours = picocolors.createColors(false);

const [track] = tracksOf(`
tracks:
- name: storefront
  images: [{repository: acme/storefront}]
  stations:
  - {name: dev, applications: [dev]}
  - {name: stage, applications: [stage-eu, stage-us]}
  - {name: prod, applications: [prod]}
`);

function tracksOf(text: string) {
  const parsed = parseTracks([{ path: 'tracks.yaml', text }]);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.tracks;
}

function runs(name: string, image: string, change: Partial<DataOf<'application.observed'>> = {}) {
  const observed = {
    namespace: 'argocd',
    name,
    sync: { status: 'Synced', revisions: [] },
    health: { status: 'Healthy' },
    operationPending: false,
    images: [image, 'docker.io/library/redis:7'],
    ...change,
  } as unknown as DataOf<'application.observed'>;
  return [`argocd/${name}`, observed] as const;
}

let pushed = 0;
function train(tag: string, state: TicketState, repository = 'docker.io/acme/storefront'): readonly [string, Ticket] {
  pushed += 1;
  const ticket = {
    ticket: `${pushed}`,
    track: 'storefront',
    image: { repository, tag },
    pushedAt: new Date(pushed * 1000).toISOString(),
    state,
    stations: [],
  } as unknown as Ticket;
  return [`storefront.${ticket.ticket}`, ticket];
}

function board(change: Partial<Facts>, columns = 120): string[] {
  const tracks = track ? [track] : [];
  const facts = { tracks, tickets: new Map(), applications: new Map(), findings: new Map(), ...change };
  return drawBoard(facts, now, columns, noColours).split('\n');
}

describe('the departure board', () => {
  it('shows on day 0 what runs at each Station, and no train', () => {
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
      '',
    ]);
  });

  it('shows each train where it stands, its state, since when and why; and the last that ended', () => {
    const applications = new Map([
      runs('dev', 'acme/storefront:1.4.2'),
      runs('stage-eu', 'acme/storefront:1.4.2', { health: { status: 'Progressing' } }),
      runs('stage-us', 'acme/storefront:1.4.1', { sync: { status: 'OutOfSync', revisions: [] } }),
      runs('prod', 'acme/storefront:1.4.0', { health: { status: 'Degraded' } }),
    ]);
    const tickets = new Map([
      train('1.3.0', { is: 'completed', since: ago(86_400) }),
      train('1.4.0', { is: 'completed', since: ago(7200) }),
      train('1.4.1', { is: 'failed', station: 'prod', reason: 'Degraded', message: 'crash loop', since: ago(600) }),
      train('1.4.1-x', { is: 'superseded', by: 'a', message: 'a newer one', since: ago(700) }),
      train('1.4.2', {
        is: 'syncing',
        station: 'stage',
        promotion: 'p',
        deadline: ago(-60),
        message: 'argocd/stage-us: OutOfSync, auto-sync is off',
        since: ago(3),
      }),
      train('1.4.3', {
        is: 'waiting',
        at: 'dev',
        next: 'stage',
        on: 'block',
        message: 'stage is held',
        since: ago(90),
      }),
      train('1.4.4', { is: 'waiting', next: 'dev', on: 'block', message: 'dev is held', since: ago(1) }),
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
      '',
    ]);
  });

  it('says of which repository an image is where a Track carries several, and whose train is whose', () => {
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
    const tickets = new Map([train('3', { is: 'completed', since: ago(1) }, 'ghcr.io/acme/api')]);
    const lines = board({ tracks, applications, tickets });
    assert.ok(lines.includes('  ● dev  api:1, web:2  ✓ dev'));
    assert.equal(lines.filter((line) => line.includes('✓ api:3  completed')).length, 1);
  });

  it('is as the README shows it', () => {
    const tracks = tracksOf(readFileSync(new URL('../../../docs/examples/tracks.yaml', import.meta.url), 'utf8'));
    const syncing = { operationPending: true };
    const applications = new Map([
      runs('storefront-dev', 'acme/storefront:1.4.1', syncing),
      runs('storefront-stage-eu', 'acme/storefront:1.4.1'),
      runs('storefront-stage-us', 'acme/storefront:1.4.1'),
      runs('storefront-prod', 'acme/storefront:1.4.0'),
    ]);
    const message = 'argocd/storefront-prod: Degraded: crash loop';
    const tickets = new Map([
      train('1.4.1', { is: 'failed', station: 'prod', reason: 'Degraded', message, since: ago(240) }),
      train('1.4.2', {
        ...{ is: 'syncing', station: 'dev', promotion: 'p', deadline: ago(-60), since: ago(3) },
        message: 'argocd/storefront-dev: syncing: waiting for the sync to complete',
      }),
      train('1.4.3', {
        ...{ is: 'waiting', next: 'dev', on: 'block', since: ago(2) },
        message: 'dev is held by Ticket 99fa3c05ff7390c8 (docker.io/acme/storefront:1.4.2)',
      }),
    ]);
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const [, shown = ''] = /```board\n([\s\S]*?)```/.exec(readme) ?? [];
    assert.equal(board({ tracks, applications, tickets }).join('\n'), shown);
  });

  it('says what is wrong with a Track before a train gets stuck on it', () => {
    const finding = { station: 'stage', reason: 'SharedFile' as const, message: 'prod reads it too', holds: true };
    const lines = board({ findings: new Map([['storefront', [finding]]]) });
    assert.equal(lines[1], '  ! stage is held  prod reads it too');
  });

  it('shows the Applications that carry the labels a Station selects by', () => {
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

  it('ends where the terminal ends, and lets no foreign words move the cursor', () => {
    const message = `\u001b[2J\u001b[31mcrash\r\nloop\u0007\u202e ${'x'.repeat(200)}`;
    const tickets = new Map([train('9', { is: 'waiting', next: 'dev', on: 'block', message, since: ago(1) })]);
    const lines = board({ tickets }, 40);
    assert.equal(lines[1], '    ▷ 9  waiting 1s  crash loop xxxxxxx…');
    assert.ok(lines.every((line) => [...line].length <= 40));
  });

  it('is in colour where the terminal is', () => {
    const applications = new Map([runs('dev', 'acme/storefront:1.4.2')]);
    const facts = { tracks: track ? [track] : [], tickets: new Map(), applications, findings: new Map() };
    assert.ok(drawBoard(facts, now, 80, picocolors.createColors(true)).includes('\u001b[32m✓'));
  });
});
