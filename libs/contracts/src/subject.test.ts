import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applicationObserved } from './events/application-observed.js';
import { escapeToken, subjectOf, unescapeToken } from './subject.js';

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

  it('refuses what could widen or leave the subject', () => {
    for (const name of ['*', '>', 'a b', '', 'a_b', 'a\nb']) assert.throws(() => escapeToken(name), RangeError);
    assert.throws(() => subjectOf('k8sta.{track}.x', {}), RangeError);
  });
});
