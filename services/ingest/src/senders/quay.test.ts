import assert from 'node:assert/strict';
import { quay } from './quay.js';
import { fixture, readerOf, receivedAt } from './sender.fixture.js';

const { images, ignored, refused, understood } = readerOf(quay);

describe('Quay', () => {
  it('announces each of the tags', () => {
    assert.deepEqual(images('push'), ['quay.io/acme/storefront:1.4.2', 'quay.io/acme/storefront:1.4']);
    assert.deepEqual(understood('push').pushes[0]?.pushedAt, receivedAt);
  });

  it('ignores its other notifications', () => {
    assert.equal(ignored('vulnerability'), 'not the push of an image');
  });

  it("reads a Quay of one's own, on a port", () => {
    const { json } = fixture('quay', 'push');
    const onPort = { ...json, docker_url: 'quay.example.com:8443/acme/Storefront' };
    assert.equal(images({ json: onPort })[0], 'quay.example.com:8443/acme/storefront:1.4.2');
  });

  it('does not let a tag that is wrong stop the others', () => {
    const { json } = fixture('quay', 'push');
    const mixed = { json: { ...json, updated_tags: ['1.4.2', '../x', 7, null, '', '1.4.2'] } };
    assert.deepEqual(images(mixed), ['quay.io/acme/storefront:1.4.2']);
    assert.equal(understood(mixed).faults?.length, 1);
    assert.match(refused({ json: { ...json, updated_tags: ['../x'] } }), /^invalid: the tag must have/);
    assert.equal(ignored({ json: { ...json, updated_tags: [] } }), 'announces no image');
    assert.match(refused({ json: { ...json, docker_url: 'https://quay.io/a/b' } }), /^invalid: docker_url: must be/);
  });

  it('bounds how many images one webhook announces', () => {
    const { json } = fixture('quay', 'push');
    const tags = Array.from({ length: 1_001 }, (_, at) => `1.0.${at}`);
    assert.equal(images({ json: { ...json, updated_tags: tags.slice(1) } }).length, 1_000);
    assert.equal(refused({ json: { ...json, updated_tags: tags } }), 'invalid: announces more than 1000 images');
  });
});
