import assert from 'node:assert/strict';
import type { DataOf } from '@k8sta/contracts';
import { anApplication, sha } from './application.fixture.js';
import { blockingWindow } from './windows.js';

type Window = DataOf<'project.observed'>['syncWindows'][number];

const destination = { server: 'https://kubernetes.default.svc', namespace: 'web' };
const observed = anApplication('storefront-prod', sha('0'), { destination });
const at = (time: string) => new Date(`2026-03-02T${time}Z`);

/** From eight to ten in the morning. */
const morning = (change: Partial<Window>): Window => ({
  kind: 'deny',
  schedule: '0 8 * * *',
  duration: '2h',
  ...change,
});
const blocks = (windows: Window[], time = '09:00:00') => blockingWindow(windows, observed, at(time)) !== undefined;

describe('a sync window', () => {
  it('denies while it is open, in its own time zone', () => {
    const all = morning({ applications: ['*'] });
    assert.equal(blocks([all], '07:59:59'), false);
    assert.equal(blocks([all], '08:00:00'), true);
    assert.equal(blocks([all], '09:59:59'), true);
    assert.equal(blocks([all], '10:00:00'), false);
    const berlin = morning({ applications: ['*'], timeZone: 'Europe/Berlin' });
    assert.equal(blocks([berlin], '07:30:00'), true);
    assert.equal(blocks([berlin], '09:30:00'), false);
  });

  it('returns when the next window opens or closes', () => {
    const changes = (windows: Window[], time: string) => {
      const { changesAt } = blockingWindow(windows, observed, at(time)) ?? {};
      return changesAt && new Date(changesAt).toISOString();
    };
    const deny = morning({ applications: ['*'] });
    assert.equal(changes([deny], '09:00:00'), '2026-03-02T10:00:00.000Z');
    const allow = morning({ kind: 'allow', applications: ['*'] });
    assert.equal(changes([allow], '07:00:00'), '2026-03-02T08:00:00.000Z');
    assert.equal(changes([allow], '10:00:00'), '2026-03-03T08:00:00.000Z');
    const later = morning({ kind: 'allow', applications: ['*'], schedule: '0 9 * * *' });
    assert.equal(changes([deny, later], '08:30:00'), '2026-03-02T09:00:00.000Z', 'the first of several');
    assert.equal(changes([morning({ kind: 'allow', applications: ['*'], schedule: 'never' })], '07:00:00'), undefined);
  });

  it('that allows blocks while it is closed, unless another is open', () => {
    const allow = morning({ kind: 'allow', applications: ['*'] });
    assert.equal(blocks([allow], '09:00:00'), false);
    assert.equal(blocks([allow], '11:00:00'), true);
    assert.equal(
      blocks([allow, morning({ kind: 'allow', schedule: '0 10 * * *', applications: ['*'] })], '11:00:00'),
      false,
    );
  });

  it('matches an Application by its name, its namespace or its cluster; or by all given conditions', () => {
    assert.equal(blocks([morning({ applications: ['storefront-*'] })]), true);
    assert.equal(blocks([morning({ applications: ['other-*'] })]), false);
    assert.equal(blocks([morning({ namespaces: ['web'] })]), true);
    assert.equal(blocks([morning({ clusters: ['*'] })]), true);
    assert.equal(blocks([morning({ clusters: ['https://kubernetes.default.svc'] })]), true);
    assert.equal(blocks([morning({})]), false);
    const both = { applications: ['storefront-*'], namespaces: ['other'] };
    assert.equal(blocks([morning(both)]), true);
    assert.equal(blocks([morning({ ...both, andOperator: true })]), false);
    assert.equal(blocks([morning({ ...both, namespaces: ['web'], andOperator: true })]), true);
  });

  it('that cannot be parsed blocks nothing', () => {
    assert.equal(blocks([morning({ applications: ['*'], schedule: 'now and then' })]), false);
    assert.equal(blocks([morning({ applications: ['*'], duration: 'long' })]), false);
    assert.equal(blocks([morning({ applications: ['*'], timeZone: 'Middle/Earth' })]), false);
  });
});
