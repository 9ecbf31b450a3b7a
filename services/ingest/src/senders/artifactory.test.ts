import assert from 'node:assert/strict';
import { artifactory } from './artifactory.js';
import { digest, fixture, readerOf, receivedAt } from './sender.fixture.js';

const { images, ignored, refused, understood } = readerOf(artifactory);

describe('Artifactory', () => {
  it('reads a push, by the path of its repository', () => {
    assert.deepEqual(images('push'), [`acme.jfrog.io/docker-local/acme/storefront:1.4.2@${digest}`]);
    assert.deepEqual(understood('push').pushes[0]?.pushedAt, receivedAt);
  });

  it('reads it by the host, or the virtual repository, that images are pulled from', () => {
    const registries = new Map([['artifactory/docker-local', 'acme-docker.jfrog.io']]);
    assert.deepEqual(readerOf(artifactory, registries).images('push'), [
      `acme-docker.jfrog.io/acme/storefront:1.4.2@${digest}`,
    ]);
  });

  it('ignores deletions and other domains', () => {
    assert.equal(ignored('deleted'), 'not the push of an image');
    const { json } = fixture('artifactory', 'push');
    assert.equal(ignored({ json: { ...json, domain: 'artifact' } }), 'not the push of an image');
  });

  it('says what is wrong and where', () => {
    const { json } = fixture('artifactory', 'push');
    for (const jpd_origin of ['', 'https://', 'http://artifactory', undefined]) {
      assert.match(refused({ json: { ...json, jpd_origin } }), /^invalid: jpd_origin: must be/, jpd_origin);
    }
    assert.match(refused({ json: { ...json, data: {} } }), /^invalid: data needs/);
    assert.match(refused({ json: { ...json, data: { ...json.data, sha256: 'x' } } }), /^invalid: the digest/);
  });
});
