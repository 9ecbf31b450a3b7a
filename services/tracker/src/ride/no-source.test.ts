import assert from 'node:assert/strict';
import { whyNoSource } from './no-source.js';

const chart = { repository: 'https://charts.example.com', chart: 'shop', targetRevision: '1.2.0' };
const values = { repository: 'https://git.example.com/acme/deploy.git', targetRevision: 'main', ref: 'values' };

describe('an Application without a source to commit to', () => {
  it('names the file of Helm values that has its image', () => {
    const sources = [{ ...chart, valueFiles: ['$values/base.yaml', '$values/shop/prod.yaml', 'own.yaml'] }, values];
    assert.equal(
      whyNoSource(sources),
      'its image is in Helm values (source 2, shop/prod.yaml), which K8sTA does not edit yet',
    );
  });

  it('says that it has no path, if no values file is in Git', () => {
    for (const sources of [[], [chart], [chart, values], [{ ...chart, valueFiles: ['$other/prod.yaml'] }, values]]) {
      assert.match(whyNoSource(sources), /^it has no source with a path in a Git repository/);
    }
  });
});
