import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { formatFault } from './fault.js';
import { parseTracks } from './parse.js';
import { noGates, type Track } from './track.js';

const golden = new URL('golden/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, golden), 'utf8');

function faultsOf(...files: { path: string; text: string }[]): string[] {
  const parsed = parseTracks(files);
  return 'faults' in parsed ? parsed.faults.map(formatFault) : [];
}

function tracksOf(text: string): Track[] {
  const parsed = parseTracks([{ path: 'tracks.yaml', text }]);
  assert.ok('tracks' in parsed, JSON.stringify(parsed));
  return parsed.tracks;
}

/** A Track of one Station, as a person writes it. */
function written(name: string): string {
  return `- {name: ${name}, images: [{repository: acme/${name}}], stations: [{name: dev, applications: [${name}]}]}`;
}

describe('parseTracks', () => {
  it('reads a Track with every key, and fills in the defaults', () => {
    const text = `
      tracks:
      - name: storefront
        images: &images
        - repository: GHCR.io/acme/storefront
          tags: {semver: ">=1.0.0"}
        - {repository: acme/worker, tags: {pattern: "^main-[0-9a-f]{7}$"}}
        - {repository: nginx, aliases: [mirror.example.com/Nginx, acme/nginx]}
        order: push
        stations:
        - {name: dev, applications: [storefront-dev]}
        - name: prod
          deadline: 1h30m
          patience: 90s
          soak: 10m
          onFailure: rollback
          afterRevert: goOn
          gates:
            approval: {count: 2, by: [alice, Bob_1]}
            windows:
            - {kind: allow, schedule: "0 8 * * 1-5", duration: 8h, timeZone: Europe/Berlin}
            - {kind: deny, schedule: "0 12 24 12 *", duration: 72h}
            after: [eu/prod]
            checks: [{name: smoke}, {name: load, of: dev, timeout: 2h}]
          applications: [team-a/storefront-eu, storefront.us]
          edit: {file: env/prod.yaml, key: 'list[1]."a.b".tag'}
        - {name: rest, selector: {matchLabels: {acme.com/app: storefront, env: ""}}}
        - {name: world, gates: {approval: {}}, tracks: [apac]}
      - {name: eu, images: *images, order: semver, stations: [{name: prod, applications: [eu]}]}
      - {name: apac, stations: [{name: prod, applications: [apac]}]}`;
    const defaults = { deadlineMs: 1_800_000, onFailure: 'stop', afterRevert: 'hold', soakMs: 0, gates: noGates };
    const apac = { namespace: 'argocd', name: 'apac' };
    const [storefront, eu, target] = tracksOf(text);
    assert.deepEqual(
      [storefront, target],
      [
        {
          name: 'storefront',
          images: [
            { repository: 'ghcr.io/acme/storefront', tags: { is: 'semver', range: '>=1.0.0' } },
            { repository: 'docker.io/acme/worker', tags: { is: 'pattern', pattern: '^main-[0-9a-f]{7}$' } },
            {
              repository: 'docker.io/library/nginx',
              tags: { is: 'strictSemver' },
              aliases: ['mirror.example.com/nginx', 'docker.io/acme/nginx'],
            },
          ],
          order: 'push',
          stations: [
            {
              ...defaults,
              name: 'dev',
              tracks: [],
              applications: [{ namespace: 'argocd', name: 'storefront-dev' }],
            },
            {
              name: 'prod',
              deadlineMs: 5_400_000,
              patienceMs: 90_000,
              soakMs: 600_000,
              onFailure: 'rollback',
              afterRevert: 'goOn',
              gates: {
                approval: { count: 2, by: ['alice', 'Bob_1'] },
                windows: [
                  { kind: 'allow', schedule: '0 8 * * 1-5', durationMs: 28_800_000, timeZone: 'Europe/Berlin' },
                  { kind: 'deny', schedule: '0 12 24 12 *', durationMs: 259_200_000, timeZone: 'UTC' },
                ],
                after: [{ track: 'eu', station: 'prod' }],
                checks: [
                  { name: 'smoke', of: 'dev', timeoutMs: 1_800_000 },
                  { name: 'load', of: 'dev', timeoutMs: 7_200_000 },
                ],
              },
              tracks: [],
              applications: [
                { namespace: 'team-a', name: 'storefront-eu' },
                { namespace: 'argocd', name: 'storefront.us' },
              ],
              edit: { file: 'env/prod.yaml', key: 'list[1]."a.b".tag' },
            },
            {
              ...defaults,
              name: 'rest',
              tracks: [],
              applications: [],
              matchLabels: { 'acme.com/app': 'storefront', env: '' },
            },
            {
              ...defaults,
              gates: { ...noGates, approval: { count: 1 } },
              name: 'world',
              applications: [],
              tracks: ['apac'],
            },
          ],
        },
        {
          name: 'apac',
          images: [],
          brought: storefront?.images,
          order: 'push',
          stations: [{ ...defaults, name: 'prod', applications: [apac], tracks: [] }],
        },
      ],
    );
    assert.equal(eu?.order, 'semver');
  });

  it('reads anchors and aliases', () => {
    const text = `
      tracks:
      - {name: a, images: &images [{repository: acme/app}], stations: [{name: dev, applications: [a]}]}
      - {name: b, images: *images, stations: [{name: dev, applications: [b]}]}`;
    assert.deepEqual(
      tracksOf(text).map(({ images }) => images[0]?.repository),
      ['docker.io/acme/app', 'docker.io/acme/app'],
    );
  });

  // They end in .txt so that no formatter changes them.
  for (const name of readdirSync(golden).filter((each) => each.endsWith('.yaml.txt'))) {
    it(`refuses golden/${name} with all its faults`, () => {
      const expected = read(name.replace('.yaml.txt', '.faults.txt')).trim().split('\n');
      assert.deepEqual(faultsOf({ path: name.replace('.txt', ''), text: read(name) }), expected);
    });
  }

  it('refuses two Tracks of one name in different files', () => {
    const [one, two] = [`tracks:\n${written('web')}`, `tracks:\n${written('api')}\n${written('web')}`];
    assert.deepEqual(faultsOf({ path: 'one.yaml', text: one }, { path: 'two.yaml', text: two }), [
      'two.yaml:3:10: the Track "web" is already named at one.yaml:2:10',
    ]);
  });

  it('refuses an Application that Tracks in two files name for one image repository, and gives both places', () => {
    const files = [written('web'), written('web').replace('name: web', 'name: again'), written('api')].map(
      (track, at) => ({ path: `${at}.yaml`, text: `tracks:\n${track}` }),
    );
    assert.deepEqual(faultsOf(...files), [
      '1.yaml:2:89: the Application "argocd/web" is already on the Track "web" at 0.yaml:2:87 for docker.io/acme/web: one Track promotes an image into an Application',
    ]);
  });

  it('lists the faults of every file, in the order of the files', () => {
    const faults = faultsOf({ path: 'z.yaml', text: '[' }, { path: 'a.yaml', text: 'tracks: 1' });
    assert.deepEqual(
      faults.map((fault) => fault.split(':')[0]),
      ['z.yaml', 'a.yaml'],
    );
  });

  it('never throws, for any text', () => {
    const keys = ['tracks', 'name', 'images', 'repository', 'tags', 'semver', 'pattern', 'order', 'stations'];
    const more = [
      'deadline',
      'onFailure',
      'applications',
      'gates',
      'after',
      'checks',
      'windows',
      '__proto__',
      'constructor',
      '<<',
      'toString',
    ];
    const { shape } = fc.letrec((tie) => ({
      shape: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom('dev', 'acme/app', '>=1.0.0', '^(', '1h', 'argocd/a', ''),
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('shape'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys, ...more), tie('shape'), { maxKeys: 6 }),
      ),
    }));
    const json = shape.map((value) => JSON.stringify({ tracks: [value] }));
    const yaml = fc.stringMatching(/^(tracks: |[-&*!|>'"{}[\],:?#%@ \nax]){0,40}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), yaml, json), (text) => {
        for (const fault of faultsOf({ path: 'f', text })) assert.match(fault, /^f:\d+:\d+: ./);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses text that is nested too deeply, and says where', () => {
    for (const text of [`tracks: ${'['.repeat(3_000)}`, `tracks: ${'['.repeat(3_000)}${']'.repeat(3_000)}`]) {
      assert.match(faultsOf({ path: 'f', text }).join(), /^f:1:2\d\d: is nested too deeply$/);
    }
  });
});
