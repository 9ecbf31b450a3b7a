import assert from 'node:assert/strict';
import { whyNoSource } from './no-source.js';

const chart = { repository: 'https://charts.example.com', chart: 'shop', targetRevision: '1.2.0' };
const values = { repository: 'https://git.example.com/acme/deploy.git', targetRevision: 'main', ref: 'values' };

describe('an Application without a source to commit to', () => {
  it('says that its chart is in a registry, and no value file in Git', () => {
    for (const sources of [[chart], [chart, values], [{ ...chart, valueFiles: ['own.yaml'] }]]) {
      assert.match(whyNoSource(sources), /^its chart "shop" is in a registry and no value file .* Git repository/);
    }
  });

  it('says that no source has the ref that its value files name', () => {
    assert.equal(
      whyNoSource([{ ...chart, valueFiles: ['$other/prod.yaml', 'own.yaml'] }, values]),
      'no source has the ref "$other" that its value files name',
    );
  });

  it('says that it has no path', () => {
    for (const sources of [[], [values]]) assert.match(whyNoSource(sources), /^it has no source with a path in a Git/);
  });
});
