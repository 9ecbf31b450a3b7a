import assert from 'node:assert/strict';
import { findDeadlocks } from './deadlock.js';
import type { DraftTrack } from './draft.js';
import { formatFault } from './fault.js';
import { parseTracks } from './parse.js';
import type { Source } from './source.js';

/**
 * The faults of Tracks whose Stations are written as `dev`, `prod > eu/prod` (comes after) or `world = apac us` (a junction).
 * A Track subscribes to acme/web unless a junction names it.
 */
function faultsOf(tracks: Record<string, readonly string[]>): string[] {
  const targets = Object.values(tracks).flatMap((stations) =>
    stations.flatMap((each) => each.split(' = ')[1]?.split(' ') ?? []),
  );
  const written = Object.entries(tracks).map(([name, stations]) => ({
    name,
    ...(!targets.includes(name) && { images: [{ repository: 'acme/web' }] }),
    stations: stations.map((each) => {
      const [station = '', sign, ...names] = each.split(' ');
      const content = sign === '=' ? { tracks: names } : { applications: [`${name}-${station}`] };
      return { name: station, ...content, ...(sign === '>' && { gates: { after: names } }) };
    }),
  }));
  const parsed = parseTracks([{ path: 'f', text: JSON.stringify({ tracks: written }) }]);
  return 'faults' in parsed ? parsed.faults.map((fault) => formatFault(fault).replace(/^f:\d+:\d+: /, '')) : [];
}

const cases: Record<string, [Record<string, readonly string[]>, string]> = {
  'a Station comes after itself': [{ a: ['dev', 'prod > a/prod'] }, 'a/prod waits for a/prod'],
  'a Station comes after a later one of its Track': [
    { a: ['dev', 'stage > a/end', 'prod', 'end'] },
    'a/stage waits for a/end, a/end comes after a/stage',
  ],
  'two Tracks wait for each other': [
    { a: ['dev', 'prod > b/prod'], b: ['dev', 'prod > a/prod'] },
    'a/prod waits for b/prod, b/prod waits for a/prod',
  ],
  'a Station waits for a Track that a later junction opens': [
    { a: ['dev > b/prod', 'world = b'], b: ['dev', 'prod'] },
    'a/dev waits for b/prod, b/prod comes after b/dev, b/dev is opened by a/world, a/world comes after a/dev',
  ],
  'a target waits for its own junction': [
    { a: ['dev', 'world = b'], b: ['dev', 'prod > a/world'] },
    'b/prod waits for a/world, a/world ends with b/prod',
  ],
  'a target waits for what comes after its junction': [
    { a: ['dev', 'world = b', 'end'], b: ['dev > a/end', 'prod'] },
    'b/dev waits for a/end, a/end comes after a/world, a/world ends with b/prod, b/prod comes after b/dev',
  ],
  'junctions open each other': [
    { a: ['world = b'], b: ['prod', 'back = a'], c: ['x'] },
    'a/world is opened by b/back, b/back comes after b/prod, b/prod is opened by a/world',
  ],
};

describe('a deadlock of Tracks', () => {
  for (const [when, [tracks, circle]] of Object.entries(cases)) {
    it(`is refused if ${when}`, () => assert.deepEqual(faultsOf(tracks), [`no Ticket could ever pass: ${circle}`]));
  }

  it('is reported once for each circle, at a name that makes it', () => {
    const text = `tracks:
- {name: a, images: [{repository: acme/web}], stations: [
  {name: dev, applications: [a], gates: {after: [b/dev]}}]}
- {name: b, images: [{repository: acme/web}], stations: [
  {name: dev, applications: [b], gates: {after: [a/dev]}}, {name: prod, applications: [c], gates: {after: [b/prod, a/dev]}}]}`;
    const parsed = parseTracks([{ path: 'f', text }]);
    assert.deepEqual('faults' in parsed && parsed.faults.map(formatFault), [
      'f:3:50: no Ticket could ever pass: a/dev waits for b/dev, b/dev waits for a/dev',
    ]);
  });

  it('is not seen where each Track waits for an earlier Station of the other', () => {
    assert.deepEqual(
      faultsOf({
        a: ['dev', 'stage > b/dev', 'world = c', 'end'],
        b: ['dev', 'stage > a/stage', 'prod > c/prod'],
        c: ['dev > a/dev b/stage', 'prod'],
      }),
      [],
    );
  });

  it('is looked for in thousands of Stations without a deep stack', () => {
    const source: Source = { value: undefined, faultAt: (_path, message) => ({ file: 'f', message }) };
    const item = { source, path: [] };
    const naming = (name: string) => [{ ...item, name }];
    const track = (name: string, after: string): DraftTrack => ({
      ...{ ...item, names: naming(name), leavesOutImages: false, repositories: [], repositoriesAndAliases: [] },
      stations: Array.from({ length: 5_000 }, (_, at) => ({
        ...{ ...item, names: naming(`${name}${at}`), applications: [], tracks: [], checks: [] },
        after: at === 0 ? naming(after) : [],
      })),
    });
    const faults = findDeadlocks([track('a', 'b/b4999'), track('b', 'a/a4999')]);
    assert.deepEqual(
      faults.map(({ message }) => message),
      [
        'no Ticket could ever pass: a/a0 waits for b/b4999, b/b4999 comes after b/b0, b/b0 waits for a/a4999, a/a4999 comes after a/a0',
      ],
    );
  });
});
