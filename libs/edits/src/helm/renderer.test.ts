import assert from 'node:assert/strict';
import type { EditSource } from '@k8sta/contracts';
import { treeOf, treesOf } from '../tree.fixture.js';
import { helm } from './renderer.js';

const application = { namespace: 'argocd', name: 'shop-dev' };
const chart = { 'chart/Chart.yaml': 'name: shop\nversion: 1.0.0\n' };

async function uses(files: Parameters<typeof treesOf>[0], change: Partial<EditSource> = {}) {
  const source = { type: 'Helm', path: 'chart', ...change };
  const { uses: found } = await helm.render(treesOf({ ...chart, ...files }), source, application);
  return found.map(({ image, ways, decidedBy }) => {
    const places = ways.map(({ file, target }) => `${file} ${target.kind === 'value' ? target.path.join('.') : ''}`);
    return [image, ...(decidedBy ? [`${decidedBy.reason}: ${decidedBy.message}`] : places)];
  });
}

describe('helm', () => {
  it('finds the ways in which charts name an image', async () => {
    for (const [values, ...found] of [
      ['image: {repository: a/b, tag: "1"}', 'a/b:1'],
      ['image: {registry: r.io, repository: a/b, tag: 1.10.0}', 'r.io/a/b:1.10.0'],
      ['global: {imageRegistry: g.io}\nimage: {registry: r.io, repository: a/b, tag: v1}', 'g.io/a/b:v1'],
      ['image: {repository: a/b, tag: v1, digest: sha256:0}', 'a/b:v1@sha256:0'],
      ['image: {repository: a/b}', 'a/b'],
      ['image: {repo: a/b, tag: v1}', 'a/b:v1'],
      ['image: {name: a/b, tag: v1}', 'a/b:v1'],
      ['image: a/b\ntag: v1', 'a/b:v1'],
      ['imageRepository: a/b\nimageTag: v1', 'a/b:v1'],
      ['image_repository: a/b\nimage_tag: v1', 'a/b:v1'],
      ['image: a/b:v1\nsidecarImage: c/d:v2', 'a/b:v1', 'c/d:v2'],
      ['images: [a/b:v1]\nother: {images: {x: c/d:v2}}', 'a/b:v1', 'c/d:v2'],
      ['jobs:\n- image: {repository: a/b, tag: v1}\n- image: c/d:v2', 'a/b:v1', 'c/d:v2'],
      ['env: {IMAGE: a/b:v1}\nargs: [a/b:v1]\nannotations: {image: a/b:v1}'],
      ['image: "{{ .Values.x }}:v1"\nname: shop\nrepository: https://example.com:80/x'],
    ] as const) {
      assert.deepEqual(
        (await uses({ 'chart/values.yaml': values })).map(([image]) => image),
        found,
        values,
      );
    }
  });

  it('lists the place that decides, and then the places that would win over it, the last one first', async () => {
    const files = {
      'chart/values.yaml': 'image: {repository: a/b, tag: v1}\n',
      'chart/common.yaml': 'a: b\n',
      'chart/dev.yaml': 'c: d\n',
    };
    const valueFiles = ['common.yaml', 'dev.yaml'];
    const places = ['chart/values.yaml image.tag', 'chart/dev.yaml image.tag', 'chart/common.yaml image.tag'];
    assert.deepEqual(await uses(files, { valueFiles }), [['a/b:v1', ...places]]);
    const own = { ...files, 'chart/common.yaml': 'image: {tag: v2}\n' };
    assert.deepEqual(await uses(own, { valueFiles }), [['a/b:v2', ...[places[2], places[1]]]]);
  });

  it('gives the environment a tag of its own where the chart leaves it to its appVersion', async () => {
    const files = { 'chart/values.yaml': 'image: {repository: a/b, tag: ""}\n', 'chart/dev.yaml': 'c: d\n' };
    const found = await uses(files, { valueFiles: ['dev.yaml'] });
    assert.deepEqual(found, [['a/b', 'chart/dev.yaml image.tag', 'chart/values.yaml image.tag']]);
  });

  it('changes an element of a list only where the whole list is', async () => {
    const files = {
      'chart/values.yaml': 'jobs: [{image: {repository: a/b, tag: v1}}]\n',
      'chart/dev.yaml': 'replicas: 1\n',
    };
    const found = await uses(files, { valueFiles: ['dev.yaml'] });
    assert.deepEqual(found, [['a/b:v1', 'chart/values.yaml jobs.0.image.tag']]);
  });

  it('reads the defaults of subcharts below their name or alias', async () => {
    const files = {
      'chart/Chart.yaml': [
        'name: all',
        'dependencies:',
        '- {name: web, alias: shop, repository: "file://../library/web"}',
        '- {name: cache, repository: "https://charts.example.com"}',
      ].join('\n'),
      'library/web/values.yaml': 'image: {repository: a/web, tag: v1}\n',
      'chart/charts/jobs/values.yaml': 'image: {repository: a/jobs, tag: v1}\n',
      'chart/values.yaml': 'jobs: {image: {tag: v2}}\n',
    };
    assert.deepEqual(await uses(files), [
      ['a/jobs:v2', 'chart/values.yaml jobs.image.tag'],
      ['a/web:v1', 'library/web/values.yaml image.tag', 'chart/values.yaml shop.image.tag'],
    ]);
  });

  it('reads a subchart once for each of its aliases, and leaves out those that are switched off', async () => {
    const dependency = (alias: string) =>
      `- {name: web, alias: ${alias}, condition: 'x.y,${alias}.enabled', tags: [all]}\n`;
    const files = {
      'chart/Chart.yaml': `name: shop\ndependencies:\n${['one', 'two', 'three'].map(dependency).join('')}`,
      'chart/charts/web/Chart.yaml': 'name: web\n',
      'chart/charts/web/values.yaml': 'image: {repository: a/b, tag: v1}\n',
      'chart/values.yaml': 'two: {enabled: false}\n',
    };
    const [place, own] = ['chart/charts/web/values.yaml image.tag', 'chart/values.yaml'];
    const both = ['one', 'three'].map((alias) => ['a/b:v1', place, `${own} ${alias}.image.tag`]);
    assert.deepEqual(await uses(files), both);
    assert.deepEqual(await uses({ ...files, [own]: 'two: {enabled: true}\ntags: {all: false}\n' }), [
      ['a/b:v1', place, `${own} two.image.tag`],
    ]);
    const overrides = [{ kind: 'helmParameters' as const, value: 'two.enabled', text: 'true' }];
    assert.equal((await uses(files, { overrides })).length, 3);
  });

  it('resolves value files as Argo CD does', async () => {
    const image = (tag: string) => `image: {repository: a/b, tag: ${tag}}\n`;
    for (const [valueFiles, file] of [
      [['../env/dev.yaml'], 'env/dev.yaml'],
      [['/env/dev.yaml'], 'env/dev.yaml'],
      [['../env/*.yaml'], 'env/dev.yaml'],
      [['$values/env/dev.yaml'], 'env/dev.yaml'],
      [['$ARGOCD_APP_NAME.yaml'], 'chart/shop-dev.yaml'],
      [['https://example.com/values.yaml', '/env/dev.yaml'], 'env/dev.yaml'],
    ] as const) {
      const [found] = await uses({ [file]: image('v1') }, { valueFiles: [...valueFiles], refs: { values: {} } });
      assert.deepEqual(found, ['a/b:v1', `${file} image.tag`], valueFiles.join());
    }
    await assert.rejects(uses({}, { valueFiles: ['none.yaml'] }), /chart\/none.yaml does not exist/);
    assert.deepEqual(await uses({}, { valueFiles: ['none.yaml'], ignoreMissingValueFiles: true }), []);
    await assert.rejects(uses({}, { valueFiles: ['../../x.yaml'] }), /leaves the repository/);
  });

  it('says what of the Application wins over the files', async () => {
    const files = { 'chart/values.yaml': 'image: {repository: a/b, tag: v1}\n' };
    const overrides = [{ kind: 'helmParameters' as const, value: 'image.tag' }];
    assert.deepEqual(await uses(files, { overrides }), [
      [
        'a/b:set-in-the-application',
        'OverriddenInApplication: the parameters of its source set "image.tag", which wins over the files: remove it from there',
      ],
    ]);
    const others = [{ kind: 'helmValues' as const, value: 'image.repository', text: 'c/d' }];
    assert.deepEqual(await uses(files, { overrides: others }), [['c/d:v1', 'chart/values.yaml image.tag']]);
  });

  it('knows that a parameter sets one element of a list and leaves the others', async () => {
    const list = 'pods:\n- image: {repository: a/b, tag: v1}\n- image: {repository: c/d, tag: v1}\n';
    const overrides = [{ kind: 'helmParameters' as const, value: 'pods[1].image.tag' }];
    const [first, second] = await uses({ 'chart/values.yaml': list }, { overrides });
    assert.deepEqual(first, ['a/b:v1', 'chart/values.yaml pods.0.image.tag']);
    assert.match(String(second), /OverriddenInApplication: the parameters of its source set "pods\[1\]\.image\.tag"/);
  });

  it('reads values that are elsewhere, and edits only what is in the repository of the Station', async () => {
    const elsewhere = { repository: 'https://git.example.com/charts.git', revision: 'v1' };
    const trees = {
      ...treesOf({ 'dev.yaml': 'image: {tag: v1}\n' }),
      elsewhere: async () => treeOf({ ...chart, 'chart/values.yaml': 'image: {repository: a/b, tag: v0}\n' }),
    };
    const source = { type: 'Helm', path: 'chart', elsewhere, valueFiles: ['$own/dev.yaml'], refs: { own: {} } };
    const { uses: found } = await helm.render(trees, source, application);
    assert.deepEqual(found, [
      {
        image: 'a/b:v1',
        ways: [{ file: 'dev.yaml', target: { kind: 'value', path: ['image', 'tag'], holds: 'tag' } }],
      },
    ]);
  });

  it('judges by the templates only where all of them are text', async () => {
    const files = {
      'chart/values.yaml': 'image: {repository: a/b, tag: v1}\n',
      'chart/templates/a.yaml': '{{ .Values.x }}',
    };
    assert.deepEqual(await uses(files), []);
    const opaque = { is: 'opaque' as const, why: 'is not UTF-8 text' };
    assert.equal((await uses({ ...files, 'chart/templates/b.yaml': opaque })).length, 1);
    assert.equal((await uses({ ...files, 'chart/charts/web-1.0.0.tgz': opaque })).length, 1);
  });

  it('means the same under an edit of a value that a later file overrides', async () => {
    const source = { type: 'Helm', path: 'chart', valueFiles: ['prod.yaml'] };
    const meaning = async (tag: string, prod: string) => {
      const files = {
        ...chart,
        'chart/values.yaml': `image: {repository: a/b, tag: ${tag}}\n`,
        'chart/prod.yaml': prod,
      };
      return (await helm.render(treesOf(files), source, application)).meaning;
    };
    assert.equal(await meaning('v1', 'image: {tag: v0}'), await meaning('v2', 'image: {tag: v0}'));
    assert.notEqual(await meaning('v1', 'a: b'), await meaning('v2', 'a: b'));
  });
});
