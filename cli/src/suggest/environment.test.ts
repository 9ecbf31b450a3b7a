import assert from 'node:assert/strict';
import { environmentsIn, stemOf } from './environment.js';

const read = (name: string) =>
  environmentsIn(name).map(({ environment, word, stem }) => `${environment}/${word}: ${stem}`);

describe('the environment in a name', () => {
  for (const [name, ...expected] of [
    ['shop-dev', 'dev/dev: shop'],
    ['prod-shop', 'prod/prod: shop'],
    ['shop-production-eu', 'prod/production: shop'],
    ['shop-eu-west-1-stg', 'stage/stg: shop'],
    ['shop.us1.live', 'prod/live: shop'],
    ['shop-test2', 'test/test: shop'],
    ['shop-pre-prod', 'preprod/preprod: shop'],
    ['Shop_QA', 'qa/qa: shop'],
    ['apps/prod/shop', 'prod/prod: apps-shop'],
    ['live-chat-dev', 'prod/live: chat-dev', 'dev/dev: live-chat'],
    ['shop-b-dev', 'dev/dev: shop-b'],
  ] as const) {
    it(`of ${name} is ${expected.map((each) => each.split(':')[0]).join(' or ')}`, () => {
      assert.deepEqual(read(name), expected);
    });
  }

  it('is none where a word only begins like one', () => {
    for (const name of ['shop', 'device-registry', 'product', 'intranet', 'prodigy', 'testimonials', '']) {
      assert.deepEqual(read(name), [], name);
    }
    assert.equal(stemOf('shop-eu-central-1'), 'shop');
  });
});
