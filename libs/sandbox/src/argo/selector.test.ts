import assert from 'node:assert/strict';
import { parseLabelSelector } from './selector.js';

const rows: [selector: string, labels: Record<string, string>, isMeant: boolean][] = [
  ['', {}, true],
  ['env=prod', { env: 'prod' }, true],
  ['env==prod', { env: 'dev' }, false],
  ['env!=prod', { env: 'dev' }, true],
  ['env!=prod', {}, true],
  ['env in (dev, prod)', { env: 'prod' }, true],
  ['env in (dev)', {}, false],
  ['env in ()', {}, false],
  ['env notin (dev,prod)', { env: 'stage' }, true],
  ['env notin (dev,prod)', {}, true],
  ['env notin (dev,prod)', { env: 'dev' }, false],
  ['acme.io/team', { 'acme.io/team': '' }, true],
  ['constructor', {}, false],
  ['!acme.io/team', { 'acme.io/team': '' }, false],
  ['env in (dev,prod),team=web,!old', { env: 'dev', team: 'web' }, true],
  ['env in (dev,prod),team=web,!old', { env: 'dev', team: 'api' }, false],
];

describe('a label selector', () => {
  for (const [selector, labels, isMeant] of rows) {
    it(`"${selector}" ${isMeant ? 'means' : 'does not mean'} ${JSON.stringify(labels)}`, () => {
      assert.equal(parseLabelSelector(selector)?.(labels), isMeant);
    });
  }

  it('is undefined if it is malformed', () => {
    for (const malformed of ['a=b=c', 'a in b', 'a,,b', '=x']) assert.equal(parseLabelSelector(malformed), undefined);
  });
});
