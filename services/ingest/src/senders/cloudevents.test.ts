import assert from 'node:assert/strict';
import { cloudEvents } from './cloudevents.js';
import { digest, fixture, pushedAt, readerOf } from './sender.fixture.js';

const { images, ignored, refused, understood } = readerOf(cloudEvents);
const image = `ghcr.io/acme/storefront:1.4.2@${digest}`;

function about(id: unknown) {
  const { json, headers } = fixture('cloudevents', 'structured');
  return { headers, json: { ...json, data: { ...json.data, subject: { ...json.data.subject, id } } } };
}

describe('CDEvents', () => {
  it('reads artifact.published in structured and in binary mode', () => {
    for (const name of ['structured', 'binary']) {
      assert.deepEqual(images(name), [image]);
      assert.deepEqual(understood(name).pushes[0]?.pushedAt, pushedAt, name);
    }
  });

  it('keeps an event in binary mode in structured mode, so that it can be read without its headers', () => {
    const { body } = understood('binary');
    assert.deepEqual(images({ json: JSON.parse(body) }), [image]);
  });

  it('ignores other events and other artifacts', () => {
    assert.equal(ignored('packaged'), 'not the CDEvent artifact.published');
    for (const id of ['pkg:npm/storefront@1.4.2', 'storefront', 'pkg:oci/x'.padEnd(3_000, 'x')]) {
      assert.match(ignored(about(id)), /^the artifact is not an image/);
    }
    assert.equal(ignored(about('pkg:oci/x@sha256%3Aabc?repository_url=ghcr.io/acme/x')), 'a manifest without a tag');
  });

  it('reads an image without a digest', () => {
    assert.deepEqual(images(about('pkg:oci/x?repository_url=ghcr.io/acme/x&tag=1.0')), ['ghcr.io/acme/x:1.0']);
  });

  it('says what is wrong and where', () => {
    assert.match(refused(about('pkg:oci/x?tag=1.0')), /^invalid: repository_url in subject.id: must be/);
    assert.match(refused(about(7)), /^invalid: data needs/);
    assert.match(refused({ json: {} }), /^invalid: type: /);
  });
});
