import assert from 'node:assert/strict';
import { ConfigError, loadConfig } from '@k8sta/runtime';
import { options } from './config.js';

describe('the options', () => {
  it('have defaults for everything', () => {
    const config = loadConfig(options, {});
    assert.deepEqual([config.instance, config.namespaces, config.refresh], ['default', ['argocd'], false]);
  });

  it('accept each namespace once, or all of them', () => {
    assert.deepEqual(loadConfig(options, { K8STA_ARGO_NAMESPACES: 'a, b,a' }).namespaces, ['a', 'b']);
    assert.deepEqual(loadConfig(options, { K8STA_ARGO_NAMESPACES: '*' }).namespaces, ['*']);
  });

  for (const namespaces of ['*,argocd', 'Not-A-Label', ',', 'team/argocd']) {
    it(`refuse the namespaces "${namespaces}"`, () => {
      assert.throws(() => loadConfig(options, { K8STA_ARGO_NAMESPACES: namespaces }), ConfigError);
    });
  }
});
