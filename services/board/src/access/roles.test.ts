import assert from 'node:assert/strict';
import { ConfigError } from '@k8sta/runtime';
import { parseRoles } from './roles.js';

const roles = parseRoles(
  'ROLES',
  `roles:
- {groups: [shop], tracks: [storefront, shop-*], may: [pause, approve]}
- {people: [root@example.com], groups: [platform], tracks: ["*"], may: everything}
`,
);
const alice = { name: 'alice@example.com', groups: ['shop'] };

describe('roles', () => {
  it('give groups and people verbs on the Tracks that match', () => {
    assert.deepEqual(roles.mayOn(alice, 'storefront'), ['approve', 'pause']);
    assert.deepEqual(roles.mayOn(alice, 'shop-checkout'), ['approve', 'pause']);
    assert.deepEqual(roles.mayOn(alice, 'payments'), []);
    assert.equal(roles.mayOn({ name: 'root@example.com', groups: [] }, 'payments').length, 9);
  });

  it('give verbs everywhere only to roles on every Track', () => {
    assert.deepEqual(roles.mayEverywhere(alice), []);
    assert.ok(roles.mayEverywhere({ name: 'x', groups: ['platform'] }).includes('pause'));
  });

  it('keep only the groups that a role names', () => {
    assert.deepEqual(roles.known(['staff', 'platform', 'shop']), ['platform', 'shop']);
  });

  it('refuse a file that is not YAML, grants nothing to anybody, or has an unknown verb', () => {
    for (const [text, fault] of [
      ['roles: [', /^ROLES: it is not YAML/],
      ['roles: [{tracks: [a], may: everything}]', /names neither groups nor people/],
      ['roles: [{groups: [a], tracks: [a], may: [dance]}]', /may/],
      ['rolls: []', /rolls|roles/],
    ] as const) {
      assert.throws(
        () => parseRoles('ROLES', text),
        (error) => error instanceof ConfigError && fault.test(error.faults.join()),
        text,
      );
    }
  });
});
