import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applicationObserved } from './events/application-observed.js';
import { escapeToken, subjectOf, tokensOf, unescapeToken } from './subject.js';

const kubernetesName = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?(\.[a-z0-9]{1,8}){0,3}$/);

describe('subject', () => {
  it('escapes a Kubernetes name into one token, reversibly', () => {
    fc.assert(
      fc.property(kubernetesName, (name) => {
        const token = escapeToken(name);
        assert.match(token, /^[^.*>\s]+$/);
        assert.equal(unescapeToken(token), name);
      }),
    );
  });

  it('fills a pattern', () => {
    const tokens = { instance: 'default', namespace: 'argocd', name: 'storefront.eu' };
    assert.equal(
      subjectOf(applicationObserved.pattern, tokens),
      'k8sta.application.default.argocd.storefront_eu.observed',
    );
  });

  it('returns the tokens that filled a pattern', () => {
    const { pattern } = applicationObserved;
    const tokens = { instance: 'default', namespace: 'argocd', name: 'storefront.eu' };
    assert.deepEqual(tokensOf(pattern, subjectOf(pattern, tokens)), tokens);
    for (const other of ['k8sta.application.default.argocd.a.gone', 'k8sta.application.default.current']) {
      assert.equal(tokensOf(pattern, other), undefined);
    }
  });

  it('refuses a token that could widen or leave the subject', () => {
    for (const name of ['*', '>', 'a b', '', 'a_b', 'a\nb']) assert.throws(() => escapeToken(name), RangeError);
    assert.throws(() => subjectOf<string>('k8sta.{track}.x', {}), RangeError);
  });

  it('does not compile with tokens that the pattern does not have', () => {
    // @ts-expect-error: the token is missing
    assert.throws(() => subjectOf('k8sta.{track}.x', {}), RangeError);
    // @ts-expect-error: another pattern's token
    assert.throws(() => subjectOf('k8sta.{track}.x', { station: 'dev' }), RangeError);
  });
});
