import assert from 'node:assert/strict';
import { harbor } from './harbor.js';
import { digest, fixture, pushedAt, readerOf } from './sender.fixture.js';

const { images, ignored, refused, understood } = readerOf(harbor);
const image = `harbor.example.com/acme/storefront:1.4.2@${digest}`;

function withResources(...resources: object[]) {
  const { json } = fixture('harbor', 'push');
  return { json: { ...json, event_data: { ...json.event_data, resources } } };
}

describe('Harbor', () => {
  it('reads the default format and CloudEvents', () => {
    for (const name of ['push', 'cloudevent']) {
      assert.deepEqual(images(name), [image]);
      assert.deepEqual(understood(name).pushes[0]?.pushedAt, pushedAt, name);
    }
    const { json } = fixture('harbor', 'push');
    assert.deepEqual(images({ json: { ...json, type: 'pushImage' } }), [image], 'of Harbor 1');
  });

  it('ignores what is not a push', () => {
    assert.equal(ignored('delete'), 'not the push of an artifact');
  });

  it('announces each resource once, and none without a tag', () => {
    const resource = { tag: '1.4.2', digest, resource_url: 'harbor.example.com/acme/storefront:1.4.2' };
    const untagged = { tag: digest, digest, resource_url: `harbor.example.com/acme/storefront@${digest}` };
    assert.deepEqual(images(withResources(untagged, resource, resource, { ...resource, tag: '1.4' })), [
      image,
      image.replace('1.4.2', '1.4'),
    ]);
    assert.equal(ignored(withResources(untagged)), 'a manifest without a tag');
    assert.equal(ignored(withResources()), 'announces no image');
  });

  it('needs the host, which has a dot or a port, or a name in the configuration', () => {
    const inside = withResources({ tag: '1.4.2', resource_url: 'harbor-core/acme/storefront:1.4.2' });
    assert.match(refused(inside), /^invalid: resource_url: must be an image repository with its host/);
    const configured = readerOf(harbor, new Map([['harbor/harbor-core', 'harbor.example.com']]));
    assert.deepEqual(configured.images(inside), ['harbor.example.com/acme/storefront:1.4.2']);
    assert.match(refused(withResources({ tag: '1.4.2' })), /^invalid: resource_url: /);
  });
});
