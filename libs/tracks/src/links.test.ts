import assert from 'node:assert/strict';
import { formatFault } from './fault.js';
import { parseTracks } from './parse.js';

/** The faults of Tracks, each in a file of its own that is named after it, with its keys on line 2. */
function faultsOf(tracks: Record<string, string>, files: Record<string, string> = {}): string[] {
  const written = Object.entries(tracks).map(([name, keys]) => [name, `tracks:\n- {name: ${name}, ${keys}}`]);
  const parsed = parseTracks([...written, ...Object.entries(files)].map(([path = '', text = '']) => ({ path, text })));
  return 'faults' in parsed ? parsed.faults.map(formatFault) : [];
}

const of = (repository: string) => `images: [{repository: ${repository}}]`;
const shop = of('acme/shop');
/** A Station whose Application has the name that follows. */
const station = (name: string, application: string, more = '') =>
  `{name: ${name}, applications: [${application}]${more && `, ${more}`}}`;
const after = (stop: string) => `gates: {after: [${stop}]}`;
const checks = (check: string) => `gates: {checks: [${check}]}`;
const eu = `${shop}, stations: [${station('dev', 'eu-dev')}, ${station('prod', 'eu')}]`;
const world = (targets: string, more = '') => `{name: world, tracks: [${targets}]${more && `, ${more}`}}`;

const cases: Record<string, [string[], string[]]> = {
  'a junction to an unknown Track': [
    faultsOf({ shop: `${shop}, stations: [${world('apc')}]`, apac: `stations: [${station('prod', 'apac')}]` }),
    [
      'shop:2:85: no tracks file has a Track "apc"; did you mean "apac"?',
      'apac:2:3: a Track needs "images", or a junction that names it',
    ],
  ],
  'a junction to its own Track': [
    faultsOf({ shop: `${shop}, stations: [${world('shop')}]` }),
    ['shop:2:85: a junction must not name its own Track'],
  ],
  'a junction to one Track twice': [
    faultsOf({ shop: `${shop}, stations: [${world('apac, apac')}]`, apac: `stations: [${station('prod', 'apac')}]` }),
    ['shop:2:91: the Track "apac" is already named at shop:2:85'],
  ],
  'a junction to a Track that subscribes to the image itself': [
    faultsOf({ shop: `${shop}, stations: [${world('eu')}]`, eu }),
    [
      'shop:2:85: this junction opens Tickets of docker.io/acme/shop on the Track "eu", which subscribes to it itself at eu:2:36; remove one of the two',
    ],
  ],
  'a junction to a Track that subscribes to an image that another junction brings': [
    faultsOf({ shop: `${shop}, stations: [${world('apac')}]`, apac: `stations: [${world('eu')}]`, eu }),
    [
      'apac:2:50: this junction opens Tickets of docker.io/acme/shop on the Track "eu", which subscribes to it itself at eu:2:36; remove one of the two',
    ],
  ],
  'an Application of a target that the Track of the junction promotes into itself': [
    faultsOf({
      shop: `${shop}, stations: [${station('dev', 'one')}, ${world('apac')}]`,
      apac: `stations: [${station('prod', 'one')}]`,
    }),
    [
      'apac:2:55: the Application "argocd/one" is already on the Track "shop" at shop:2:89 for docker.io/acme/shop: one Track promotes an image into an Application',
    ],
  ],
  'an Application of two targets of one junction': [
    faultsOf({
      shop: `${shop}, stations: [${world('apac, us')}]`,
      apac: `stations: [${station('prod', 'one')}]`,
      us: `stations: [${station('prod', 'one')}]`,
    }),
    [
      'us:2:53: the Application "argocd/one" is already on the Track "apac" at apac:2:55 for docker.io/acme/shop: one Track promotes an image into an Application',
    ],
  ],
  'a Track without images that no junction names': [
    faultsOf({ apac: `stations: [${station('prod', 'apac')}]` }),
    ['apac:2:3: a Track needs "images", or a junction that names it'],
  ],
  'to come after an unknown Track': [
    faultsOf({ shop: `${shop}, stations: [${station('prod', 'a', after('eo/prod'))}]`, eu }),
    ['shop:2:110: no tracks file has a Track "eo"; did you mean "eu"?'],
  ],
  'to come after an unknown Station': [
    faultsOf({ shop: `${shop}, stations: [${station('prod', 'a', after('eu/pro'))}]`, eu }),
    ['shop:2:110: the Track "eu" has no Station "pro"; did you mean "prod"?'],
  ],
  'to come after a Track on which the image never rides': [
    faultsOf({ two: `${of('acme/two')}, stations: [${station('prod', 'a', after('eu/prod'))}]`, eu }),
    ['two:2:108: docker.io/acme/two never rides the Track "eu", so this gate would never open for it'],
  ],
  'a check of the first Station': [
    faultsOf({ shop: `${shop}, stations: [${station('dev', 'a', checks('{name: smoke}'))}]` }),
    ['shop:2:110: the first Station cannot have a check: there is no Station before it to check'],
  ],
  'a check of an unknown Station': [
    faultsOf({
      shop: `${shop}, stations: [${station('dev', 'a')}, ${station('prod', 'b', checks('{name: smoke, of: dv}'))}]`,
    }),
    ['shop:2:161: "of" must be an earlier Station of this Track, which "dv" is not; did you mean "dev"?'],
  ],
  'a check of a later Station': [
    faultsOf({
      shop: `${shop}, stations: [${station('dev', 'a')}, ${station('stage', 'b', checks('{name: smoke, of: prod}'))}, ${station('prod', 'c')}]`,
    }),
    ['shop:2:162: "of" must be an earlier Station of this Track, which "prod" is not'],
  ],
  'a check of the Station itself': [
    faultsOf({
      shop: `${shop}, stations: [${station('dev', 'a')}, ${station('prod', 'b', checks('{name: smoke, of: prod}'))}]`,
    }),
    ['shop:2:161: "of" must be an earlier Station of this Track, which "prod" is not'],
  ],
  'a Station without Applications': [
    faultsOf({ shop: `${shop}, stations: [{name: dev}]` }),
    ['shop:2:62: a Station must contain either "applications", "selector" or "tracks"'],
  ],
  'a junction that has Applications': [
    faultsOf({
      shop: `${shop}, stations: [${world('apac', 'applications: [a]')}]`,
      apac: `stations: [${station('prod', 'b')}]`,
    }),
    ['shop:2:62: a Station must contain either "applications", "selector" or "tracks"'],
  ],
  ...Object.fromEntries(
    ['soak: 5m', 'deadline: 5m', 'patience: 5m', 'afterRevert: goOn', 'edit: {file: a, key: b}'].map((key) => [
      `a junction with "${key}"`,
      [
        faultsOf({ shop: `${shop}, stations: [${world('apac', key)}]`, apac: `stations: [${station('prod', 'b')}]` }),
        [
          `shop:2:${94 + key.indexOf(':')}: "${key.slice(0, key.indexOf(':'))}" means nothing at a junction; write it on the Tracks that it names`,
        ],
      ],
    ]),
  ),
  'a junction that rolls back': [
    faultsOf({
      shop: `${shop}, stations: [${world('apac', 'onFailure: rollback')}]`,
      apac: `stations: [${station('prod', 'b')}]`,
    }),
    [
      'shop:2:103: "onFailure" must be "stop" at a junction, which commits nothing; write "rollback" on the Tracks it names',
    ],
  ],
};

describe('the names that Tracks use for each other', () => {
  for (const [what, [actual, expected]] of Object.entries(cases)) {
    it(`refuse ${what}`, () => assert.deepEqual(actual, expected));
  }

  it('are not looked up while a file cannot be read: it may have them', () => {
    const tracks = { shop: `${shop}, stations: [${world('apac')}]` };
    assert.deepEqual(faultsOf(tracks, { apac: '{' }), [
      'apac:1:1: is not valid YAML: this "{" is never closed with "}"',
    ]);
  });

  it('may lead through several junctions, and back to a Track that an image has left', () => {
    const tracks = {
      shop: `${shop}, stations: [${station('dev', 'dev')}, ${world('apac, us', after('shop/dev'))}, ${station('last', 'last', checks('{name: smoke}'))}]`,
      apac: `stations: [${station('prod', 'apac')}, {name: islands, tracks: [nz], onFailure: stop}]`,
      us: `${of('acme/us')}, stations: [${station('prod', 'us', 'selector: {matchLabels: {a: b}}').replace('applications: [us], ', '')}]`,
      nz: `order: push, stations: [${station('prod', 'nz', 'gates: {approval: {count: 1}}')}]`,
      report: `${shop}, stations: [${station('all', 'all', after('nz/prod, shop/last, us/prod, apac/islands'))}]`,
    };
    assert.deepEqual(faultsOf(tracks), []);
  });
});
