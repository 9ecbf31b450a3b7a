import assert from 'node:assert/strict';
import type { Application } from './application.js';
import { applicationFrom } from './application-spec.js';
import { denyWindow, isBlocked } from './sync-window.js';

const application = applicationFrom(
  { name: 'web-prod', repoURL: '', targetRevision: 'main', path: '', destination: { server: 'x', namespace: 'shop' } },
  'argocd',
) as Application;
const noon = new Date('2026-01-01T12:00:00Z');

function blocks(how: 'automatic' | 'manual', ...syncWindows: object[]): boolean {
  return isBlocked({ syncWindows }, application, how, noon);
}

describe('sync windows', () => {
  const deny = { kind: 'deny', schedule: '0 11 * * *', duration: '1h30m', applications: ['web-*'] };
  const allow = { ...deny, kind: 'allow' };

  it('block nothing if there are none', () => {
    assert.equal(isBlocked(undefined, application, 'automatic', noon), false);
    assert.equal(blocks('automatic'), false);
  });

  it('block while a deny window is open', () => {
    assert.equal(blocks('automatic', deny), true);
    assert.equal(blocks('automatic', { ...deny, duration: '30m' }), false);
    assert.equal(blocks('automatic', { ...deny, timeZone: 'Europe/Berlin' }), false);
    assert.equal(blocks('automatic', denyWindow('web-prod')), true);
  });

  it('block outside the allow windows', () => {
    assert.equal(blocks('automatic', allow), false);
    assert.equal(blocks('automatic', { ...allow, duration: '30m' }), true);
    assert.equal(blocks('automatic', allow, deny), true);
  });

  it('select an Application by its name, its namespace or its cluster', () => {
    const { applications: _, ...others } = deny;
    assert.equal(blocks('automatic', { ...deny, applications: ['api-*'] }), false);
    assert.equal(blocks('automatic', { ...others, namespaces: ['shop'] }), true);
    assert.equal(blocks('automatic', { ...others, clusters: ['y'] }), false);
  });

  it('let a person sync if manualSync is set', () => {
    assert.equal(blocks('manual', deny), true);
    assert.equal(blocks('manual', { ...deny, manualSync: true }), false);
    assert.equal(blocks('automatic', { ...deny, manualSync: true }), true);
  });
});
