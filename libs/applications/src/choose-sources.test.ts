import assert from 'node:assert/strict';
import { chooseSources } from './choose-sources.js';
import { anObserved, aSource, deploy } from './observed.fixture.js';
import type { Source } from './observed.js';

const chart = { repository: 'https://charts.example.com', targetRevision: '3.2.1', chart: 'web', type: 'Helm' };
const other = 'https://git.example.com/acme/values.git';

function chosen(...sources: Source[]) {
  const found = chooseSources(anObserved('shop', sources));
  assert.ok(!('reason' in found), JSON.stringify(found));
  const { home } = found;
  return { at: [home.index, home.repository, home.branch], sources: found.sources };
}

function obstacle(...sources: Source[]): string {
  const found = chooseSources(anObserved('shop', sources));
  assert.ok('reason' in found, JSON.stringify(found));
  assert.deepEqual(found.application, { namespace: 'argocd', name: 'shop' });
  return `${found.reason}: ${found.message}`;
}

describe('the sources that a commit can change', () => {
  it('are those with a path in a Git repository', () => {
    const directory = { recurse: true };
    assert.deepEqual(chosen(aSource({ path: 'dev', type: 'Directory', directory })), {
      at: [0, 'git.example.com/acme/deploy', 'refs/heads/main'],
      sources: [{ type: 'Directory', path: 'dev', directory }],
    });
    assert.deepEqual(chosen(aSource({ path: '.', targetRevision: '' })).at[2], undefined, 'the default branch');
  });

  it('of a chart of a registry are its value files in Git', () => {
    const valueFiles = ['$values/shop/common.yaml', '$values/shop/dev.yaml'];
    assert.deepEqual(chosen({ ...chart, valueFiles, ignoreMissingValueFiles: true }, aSource({ ref: 'values' })), {
      at: [1, 'git.example.com/acme/deploy', 'refs/heads/main'],
      sources: [{ type: 'Helm', valueFiles, ignoreMissingValueFiles: true, refs: { values: {} } }],
    });
  });

  it('of a chart in Git are in the repository of the last ref that its value files name', () => {
    const valueFiles = ['values.yaml', '$one/a.yaml', '$two/b.yaml', 'own.yaml'];
    const helm = aSource({ path: 'chart', type: 'Helm', targetRevision: 'v1.0.0', valueFiles });
    const two = aSource({ ref: 'two', repository: other });
    assert.deepEqual(chosen(aSource({ ref: 'one', targetRevision: '' }), helm, two), {
      at: [2, 'git.example.com/acme/values', 'refs/heads/main'],
      sources: [
        {
          ...{ type: 'Helm', path: 'chart', elsewhere: { repository: deploy, revision: 'v1.0.0' }, valueFiles },
          refs: { one: { elsewhere: { repository: deploy, revision: 'HEAD' } }, two: {} },
        },
      ],
    });
  });

  it('are all in one repository and on one branch, however they are spelled', () => {
    const ssh = 'git@git.example.com:acme/deploy';
    const two = aSource({ path: 'b', repository: ssh, targetRevision: 'refs/heads/main' });
    const { at, sources } = chosen(aSource({ path: 'a', type: 'Kustomize' }), two);
    assert.equal(at[0], 0);
    assert.deepEqual(
      sources.map(({ path, elsewhere }) => [path, elsewhere]),
      [
        ['a', undefined],
        ['b', undefined],
      ],
    );
  });

  it('are those on a branch if the others are pinned', () => {
    const pinned = aSource({ path: 'a', type: 'Kustomize', targetRevision: 'refs/tags/v1' });
    assert.equal(chosen(pinned, aSource({ path: 'b', type: 'Directory' })).at[0], 1);
    const release = aSource({ path: 'a', type: 'Kustomize', targetRevision: 'v1.0.0' });
    assert.equal(chosen(release, aSource({ path: 'b', type: 'Directory' })).at[0], 1);
    assert.equal(chosen(release).at[0], 0, 'a branch may have such a name');
  });

  it('are those that could name the image if only one repository has such', () => {
    const plugin = aSource({ path: 'a', type: 'Plugin', repository: other });
    assert.equal(chosen(plugin, aSource({ path: 'b', type: 'Directory' })).at[0], 1);
    assert.equal(chosen(plugin).at[0], 0, 'the promoter refuses it');
  });

  it('cannot be told if several repositories could name the image', () => {
    const two = [aSource({ path: 'a', type: 'Helm' }), aSource({ path: 'b', type: 'Helm', repository: other })];
    assert.equal(
      obstacle(...two),
      'SourceAmbiguous: argocd/shop: 2 of its sources could name the image, and K8sTA cannot tell which',
    );
  });

  it('are none without a Git repository', () => {
    assert.match(obstacle(chart), /^NoGitSource: argocd\/shop: its chart "web" is in a registry/);
    assert.match(
      obstacle(aSource({ path: 'a', repository: '/srv/git' })),
      /^AddressInvalid: argocd\/shop: its repoURL/,
    );
  });

  it('are none if the commit would have to go to a tag or a commit, and only then', () => {
    const commit = '5f0c3e1d9a7b4c62d8e0f1a2b3c4d5e6f7a8b9c0';
    assert.equal(
      obstacle(aSource({ path: 'a', targetRevision: commit })),
      `RevisionPinned: argocd/shop: its targetRevision "${commit}" is a commit; it has to be a branch`,
    );
    const helm = { ...chart, valueFiles: ['$values/dev.yaml'] };
    assert.match(obstacle(helm, aSource({ ref: 'values', targetRevision: commit })), /^RevisionPinned/);
    assert.equal(chosen(aSource({ path: 'a', targetRevision: '20251103' })).at[2], 'refs/heads/20251103');
  });

  it('are none of an Application that cannot be read', () => {
    const errors = [{ type: 'UnreadableError', message: 'K8sTA cannot read this Application: spec: no object' }];
    const found = chooseSources(anObserved('shop', [], { errors }));
    assert.ok('reason' in found && found.reason === 'ApplicationUnreadable', JSON.stringify(found));
    assert.match(found.message, /^argocd\/shop: .*spec: no object$/);
  });
});
