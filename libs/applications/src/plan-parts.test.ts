import assert from 'node:assert/strict';
import { noGates, type Station, type Track } from '@k8sta/tracks';
import { anObserved, aSource, observationsOf } from './observed.fixture.js';
import type { ApplicationSource, Observations } from './observed.js';
import { type PartsWanted, planParts } from './plan-parts.js';
import { readAt } from './protected-sources.js';

const image = { repository: 'ghcr.io/acme/shop', tag: '2.0.0' };
const values = aSource({ ref: 'values', targetRevision: 'release' });
const helm = aSource({ path: 'chart', type: 'Helm', valueFiles: ['$values/prod.yaml'] });

function aStation(name: string, ...applications: string[]): Station {
  const named = applications.map((each) => ({ namespace: 'argocd', name: each }));
  const rest = { afterRevert: 'hold', soakMs: 0, gates: noGates, tracks: [] } as const;
  return { name, deadlineMs: 60_000, onFailure: 'stop', applications: named, ...rest };
}

function wanted(observations: Observations, stations: Station[], change: Partial<PartsWanted> = {}): PartsWanted {
  const aliases = ['mirror.example.com/shop'];
  const images = [{ repository: image.repository, aliases, tags: { is: 'strictSemver' as const } }];
  const track: Track = { name: 'shop', images, order: 'push', stations };
  const [station] = stations;
  assert.ok(station);
  return { track, station, image, observations, sourcesOf: () => [], ...change };
}

function partsOf(...given: Parameters<typeof wanted>) {
  const planned = planParts(wanted(...given));
  assert.ok('parts' in planned, JSON.stringify(planned));
  return planned.parts;
}

describe('the parts of a promotion', () => {
  it('are one for each repository and branch', () => {
    const observations = observationsOf(
      anObserved('a', [aSource({ path: 'a' })]),
      anObserved('b', [aSource({ path: 'b', repository: 'git@git.example.com:acme/deploy.git' })]),
      anObserved('c', [helm, values]),
    );
    assert.deepEqual(
      partsOf(observations, [aStation('dev', 'a', 'b', 'c')]).map(({ branch, applications }) => [
        branch,
        applications.map(({ name, sourceIndex }) => `${name} ${sourceIndex}`),
      ]),
      [
        ['refs/heads/main', ['a 0', 'b 0']],
        ['refs/heads/release', ['c 1']],
      ],
    );
  });

  it('say what may stand in for the image, what runs of both, and where the Track says that the tag is', () => {
    const images = ['mirror.example.com/shop:1.0.0', 'ghcr.io/acme/shop:1.0.0', 'redis:7', 'no image!'];
    const edit = { file: 'a.yaml', key: 'image.tag' };
    const observations = observationsOf(anObserved('a', [aSource({ path: 'a' })], { images }));
    const [application] = partsOf(observations, [{ ...aStation('dev', 'a'), edit }])[0]?.applications ?? [];
    assert.deepEqual(application?.image, { ...image, aliases: ['mirror.example.com/shop'] });
    assert.deepEqual(application?.runs, images.slice(0, 2));
    assert.deepEqual(application?.edit, edit);
  });

  it('protect the sources of other Stations and of others that read the branch, as seen from there', () => {
    const stranger = readAt({ sources: [helm, values] }).map(
      (each): ApplicationSource => ({ namespace: 'team', name: 'x', ...each }),
    );
    const asked: string[] = [];
    const sourcesOf = (repository: string) => {
      asked.push(repository);
      return [...stranger, ...stranger, ...stranger.map((each) => ({ ...each, namespace: 'argocd', name: 'prod' }))];
    };
    const elsewhere = aSource({ path: 'b', repository: 'https://git.example.com/acme/other.git' });
    const observations = observationsOf(
      anObserved('dev', [aSource({ path: 'chart', type: 'Helm' })]),
      anObserved('prod', [helm, values, elsewhere, aSource({ path: 'old', targetRevision: 'refs/tags/v1' })]),
    );
    const stations = [aStation('dev', 'dev'), aStation('prod', 'prod')];
    const [part] = partsOf(observations, stations, { sourcesOf });
    const refs = { values: { elsewhere: { repository: values.repository, revision: 'release' } } };
    const source = { type: 'Helm', path: 'chart', valueFiles: helm.valueFiles, refs };
    assert.deepEqual(part?.protectedSources, [
      { station: 'prod', namespace: 'argocd', name: 'prod', source },
      { namespace: 'team', name: 'x', source },
    ]);
    assert.deepEqual(asked, ['git.example.com/acme/deploy']);
  });

  it('protect what reads value files of the branch by a ref', () => {
    const observations = observationsOf(
      anObserved('dev', [aSource({ path: 'dev', targetRevision: 'release' })]),
      anObserved('prod', [helm, values]),
    );
    const [part] = partsOf(observations, [aStation('dev', 'dev'), aStation('prod', 'prod')]);
    assert.deepEqual(
      part?.protectedSources.map(({ name, source }) => [name, source.elsewhere, source.refs]),
      [['prod', { repository: helm.repository, revision: 'main' }, { values: {} }]],
    );
  });

  it('protect what reads the default branch, which may be any branch', () => {
    const observations = observationsOf(
      anObserved('dev', [aSource({ path: 'dev' })]),
      anObserved('prod', [aSource({ path: 'prod', targetRevision: 'HEAD' })]),
      anObserved('eu', [aSource({ path: 'eu', targetRevision: 'release' })]),
    );
    const stations = [aStation('dev', 'dev'), aStation('prod', 'prod'), aStation('eu', 'eu')];
    assert.deepEqual(
      partsOf(observations, stations)[0]?.protectedSources.map(({ name }) => name),
      ['prod'],
    );
  });

  it('are none while an Application of the Track is unknown, and every obstacle is listed', () => {
    const observations = observationsOf(anObserved('a', []), anObserved('empty', []));
    const stations = [aStation('dev', 'a', 'b'), aStation('prod', 'c', 'empty')];
    const planned = planParts(wanted(observations, stations, { notObserved: 'no file has it' }));
    assert.ok('obstacles' in planned);
    assert.deepEqual(
      planned.obstacles.map(({ reason, message, application }) => [reason, message, application?.name]),
      [
        [
          'NoGitSource',
          'argocd/a: it has no source with a path in a Git repository, which is where K8sTA commits',
          'a',
        ],
        ['ApplicationNotObserved', 'argocd/b: no file has it', 'b'],
        [
          'ApplicationNotObserved',
          'argocd/c: no file has it; until then it is unknown which files prod reads',
          undefined,
        ],
        [
          'ApplicationNotObserved',
          'argocd/empty: it shows no source; until then it is unknown which files prod reads',
          undefined,
        ],
      ],
    );
  });
});
