import assert from 'node:assert/strict';
import { link, treeOf } from '../tree.fixture.js';
import { releaseOf } from './charts.js';
import { readFields } from './fields.js';

/** Of the chart in the kustomization of `prod`: where it is, its files in their order, and what wins over them. */
async function release(chart: string, files: Parameters<typeof treeOf>[0] = {}) {
  const text = `helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, ${chart}}]\n`;
  const fields = readFields('prod/kustomization.yaml', text);
  const tree = treeOf({
    ...{ 'charts/web/Chart.yaml': '', 'prod/a.yaml': '', 'prod/b.yaml': '', 'prod/kustomization.yaml': text },
    ...files,
  });
  const [first] = fields.helmCharts;
  assert.ok(first);
  const found = await releaseOf(tree, 'prod/kustomization.yaml', 'prod', fields, first, true);
  const names = found.files.map(({ file, isEditable }) => file + (isEditable ? '' : ' (not editable)'));
  return [found.chart?.path, names, found.inline];
}

describe('a chart of a kustomization', () => {
  const inline = [{ values: { a: 1 }, by: '`valuesInline` of prod/kustomization.yaml' }];

  it('is in the directory of charts, with the values files in their order', async () => {
    assert.deepEqual(await release('valuesFile: a.yaml, additionalValuesFiles: [b.yaml]'), [
      'charts/web',
      ['prod/a.yaml', 'prod/b.yaml'],
      undefined,
    ]);
  });

  it('of a registry is only there if somebody committed what kustomize pulled', async () => {
    const chart = 'repo: "https://example.com", version: 1.2.3';
    assert.deepEqual(await release(chart), [undefined, [], undefined]);
    const [path] = await release(chart, { 'charts/web-1.2.3/web/Chart.yaml': '' });
    assert.equal(path, 'charts/web-1.2.3/web');
  });

  it('has inline values that win over its file, unless they are merged the other way', async () => {
    const chart = 'valuesFile: a.yaml, valuesInline: {a: 1}';
    assert.deepEqual(await release(chart), ['charts/web', ['prod/a.yaml'], inline]);
    assert.deepEqual(await release(`${chart}, valuesMerge: replace`), ['charts/web', [], inline]);
    assert.deepEqual(await release(`${chart}, valuesMerge: merge`), ['charts/web', ['prod/a.yaml'], undefined]);
  });

  it('has values behind a symbolic link, which are read and not edited', async () => {
    const files = { 'prod/a.yaml': link('../shared/a.yaml'), 'shared/a.yaml': '' };
    const [, names] = await release('valuesFile: a.yaml', files);
    assert.deepEqual(names, ['shared/a.yaml (not editable)']);
  });
});
