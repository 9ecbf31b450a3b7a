import assert from 'node:assert/strict';
import { noGates, type Station } from '@k8sta/tracks';
import { membersOf, nothingSelected } from './members.js';
import { anObserved, observationsOf } from './observed.fixture.js';

const named: Station = {
  ...{
    name: 'prod',
    deadlineMs: 60_000,
    onFailure: 'stop',
    afterRevert: 'hold',
    soakMs: 0,
    gates: noGates,
    tracks: [],
  },
  applications: [{ namespace: 'argocd', name: 'unseen' }],
};
const labelled: Station = { ...named, applications: [], matchLabels: { env: 'prod' } };

describe('the Applications of a Station', () => {
  it('are those it names, observed or not', () => {
    assert.deepEqual(membersOf({}, named), named.applications);
  });

  it('are those that have its labels and are not gone, in the order of their names', () => {
    const labels = { env: 'prod', team: 'web' };
    const observations = observationsOf(
      ...['us', 'eu', 'gone'].map((name) => anObserved(name, [], { labels })),
      anObserved('dev', [], { labels: { env: 'dev' } }),
      anObserved('none', []),
    );
    const known = { ...observations, 'argocd/gone': { observed: anObserved('gone', [], { labels }), gone: true } };
    assert.deepEqual(
      membersOf(known, labelled).map(({ name }) => name),
      ['eu', 'us'],
    );
    assert.equal(nothingSelected(labelled), 'no Application carries the labels env=prod that prod selects by');
  });
});
