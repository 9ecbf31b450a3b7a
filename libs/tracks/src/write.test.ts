import assert from 'node:assert/strict';
import { formatFault } from './fault.js';
import { parseTracks } from './parse.js';
import type { Station } from './track.js';

/** A Track of these keys, with one Station of these keys on the third line. */
const parsed = (track: string, station: string) => {
  const text = `tracks: [{name: shop, images: [{repository: acme/shop}],
 ${track}
 stations: [{name: prod, ${station}}]}]`;
  return parseTracks([{ path: 'f', text }]);
};

const faultsOf = (track: string, station: string): string[] => {
  const read = parsed(track, station.includes('tracks:') ? station : `applications: [prod], ${station}`);
  return 'faults' in read ? read.faults.map((fault) => formatFault(fault).replace(/^f:/, '')) : [];
};

const writeOf = (track: string, station: string): Station['write'] => {
  const read = parsed(track, `applications: [prod], ${station}`);
  assert.ok('tracks' in read, JSON.stringify(read));
  return read.tracks[0]?.stations[0]?.write;
};

const atStation = (pullRequest: string) => faultsOf('', `write: {pullRequest: {${pullRequest}}}`);

describe('how the commits of a Station are written', () => {
  it('is by plain commits where nobody says it', () => {
    assert.equal(writeOf('', ''), undefined);
  });

  it('is by a pull request that people merge where only that is said', () => {
    assert.deepEqual(writeOf('', 'write: {pullRequest: {}}'), { pullRequest: { merge: 'byPeople' } });
  });

  it('takes each key from the Station before the Track', () => {
    const track = 'write: {pullRequest: {merge: auto, method: squash, labels: [k8sta]}, statuses: true},';
    assert.deepEqual(writeOf(track, 'write: {pullRequest: {merge: whenChecksPass}, deployments: true}'), {
      pullRequest: { merge: 'whenChecksPass', method: 'squash', labels: ['k8sta'] },
      ...{ statuses: true, deployments: true },
    });
    assert.deepEqual(writeOf(track, ''), {
      pullRequest: { merge: 'auto', method: 'squash', labels: ['k8sta'] },
      statuses: true,
    });
  });

  it('returns to plain commits by `pullRequest: false`, and keeps the other keys of the Track', () => {
    const track = 'write: {pullRequest: {merge: auto}, statuses: true},';
    assert.deepEqual(writeOf(track, 'write: {pullRequest: false}'), { statuses: true });
    assert.equal(writeOf('write: {pullRequest: {}},', 'write: {pullRequest: false}'), undefined);
  });

  it('lets people merge with a `method`, which they may ignore', () => {
    assert.deepEqual(writeOf('', 'write: {pullRequest: {method: rebase}}')?.pullRequest?.method, 'rebase');
  });

  it('says nothing of a junction that inherits the pull requests of its Track', () => {
    const text = `tracks: [{name: shop, images: [{repository: acme/shop}], write: {pullRequest: {draft: true}},
      stations: [{name: world, tracks: [eu]}]}, {name: eu, stations: [{name: prod, applications: [eu]}]}]`;
    const read = parseTracks([{ path: 'f', text }]);
    assert.ok('tracks' in read);
    assert.equal(read.tracks[0]?.stations[0]?.write, undefined);
  });
});

const merge = (written: string) => faultsOf(written, 'gates: {approval: {byMerge: true}}');

const cases: Record<string, [string[], string[]]> = {
  'an unknown key': [atStation('label: [a]'), ['3:70: unknown key "label"; did you mean "labels"?']],
  'an unknown key of `write`': [
    faultsOf('', 'write: {pullrequest: {}}'),
    ['3:56: unknown key "pullrequest"; did you mean "pullRequest"?'],
  ],
  'an unknown merge': [atStation('merge: never'), ['3:77: "merge" must be "byPeople" or "auto" or "whenChecksPass"']],
  'a pull request that is no mapping': [
    faultsOf('write: {pullRequest: true},', ''),
    ['2:23: "pullRequest" must be a mapping, not true or false'],
  ],
  'a template that is no Liquid': [
    atStation('title: "{{ tag"'),
    ['3:77: "title" must be a Liquid template: output "{{ tag" not closed, line:1, col:1'],
  ],
  'a template that names what does not exist': [
    faultsOf('write: {pullRequest: {body: "{{ version }}"}},', ''),
    ['2:30: "body" must be a Liquid template: undefined variable: version, line:1, col:4'],
  ],
  'a title of two lines': [atStation(String.raw`title: "a\nb"`), ['3:77: "title" must be one line']],
  'an empty label': [
    atStation('labels: [" "]'),
    ['3:79: an item of "labels" must be a name without "," and line breaks'],
  ],
  'a reviewer who is named twice': [
    atStation('reviewers: [alice, bob, alice]'),
    ['3:94: an item of "reviewers" repeats "alice"'],
  ],
  'a draft that K8sTA is to merge': [
    atStation('draft: true, merge: auto'),
    ['3:77: "draft" means that people make it ready, so "merge" must be "byPeople", not "auto"'],
  ],
  'a draft of the Track that a Station is to merge by itself': [
    faultsOf('write: {pullRequest: {draft: true}},', 'write: {pullRequest: {merge: auto}}'),
    ['2:31: "draft" means that people make it ready, so "merge" must be "byPeople", not "auto"'],
  ],
  'a team outside of GitHub': [
    atStation('provider: gitlab, reviewers: [acme/ops]'),
    ['3:99: "reviewers" names the team "acme/ops", and only GitHub can ask teams; name its people'],
  ],
  'deployments outside of GitHub': [
    faultsOf('write: {deployments: true},', 'write: {pullRequest: {provider: gitea}}'),
    ['2:23: "deployments" must not be true with the provider "gitea": only GitHub has deployments'],
  ],
  'a pull request at a junction': [
    faultsOf('', 'tracks: [eu], write: {pullRequest: {}}').filter((each) => each.includes('"write"')),
    ['3:47: "write" means nothing at a junction; write it on the Tracks that it names'],
  ],
  'an approval by merge without a pull request': [
    merge(''),
    ['3:76: "byMerge" needs a Station that writes by pull request: add "write: {pullRequest: {}}", or count approvals'],
  ],
  'an approval by a merge that K8sTA makes': [
    merge('write: {pullRequest: {merge: auto}},'),
    ['3:76: "byMerge" needs people who merge, and "merge" is "auto": then K8sTA itself would approve'],
  ],
  'an approval by merge that counts people': [
    faultsOf('write: {pullRequest: {}},', 'gates: {approval: {byMerge: true, count: 2, by: [alice, bob]}}'),
    [
      '3:89: "count" means nothing with "byMerge": the forge says who may merge, and how many must review',
      '3:96: "by" means nothing with "byMerge": the forge says who may merge, and how many must review',
    ],
  ],
};

describe('a tracks file is refused', () => {
  for (const [what, [faults, expected]] of Object.entries(cases)) {
    it(`with ${what}`, () => assert.deepEqual(faults, expected));
  }

  it('not for an approval by the merge of a pull request', () => {
    assert.deepEqual(merge('write: {pullRequest: {}},'), []);
  });
});
