import assert from 'node:assert/strict';
import { generic, genericOidc } from './generic.js';
import { digest, fixture, readerOf, receivedAt } from './sender.fixture.js';

const image = `ghcr.io/acme/storefront:1.4.2@${digest}`;

for (const sender of [generic, genericOidc]) {
  describe(`a call of CI (${sender.name})`, () => {
    const { images, refused, understood } = readerOf(sender);

    it('names the image in parts or as one reference', () => {
      assert.deepEqual(images('push'), [image]);
      assert.deepEqual(images('reference'), [image]);
      assert.deepEqual(images({ json: { image: 'nginx:1.27.0' } }), ['docker.io/library/nginx:1.27.0']);
      assert.deepEqual(images({ json: { image: 'localhost:5000/App', tag: 'v1' } }), ['localhost:5000/app:v1']);
      const upper = {
        image: 'ghcr.io/acme/storefront',
        tag: '1.4.2',
        digest: digest.replace(/(?<=:.*)[a-f]/g, (x) => x.toUpperCase()),
      };
      assert.deepEqual(images({ json: upper }), [image], 'a digest has one spelling');
      assert.deepEqual(understood('push').pushes[0]?.pushedAt, receivedAt);
    });

    it('may come with the content type that curl or a script sends', () => {
      for (const type of ['application/json', 'text/plain; charset=utf-8', 'application/x-www-form-urlencoded']) {
        assert.deepEqual(images({ ...fixture('generic', 'push'), headers: { 'content-type': type } }), [image]);
      }
    });

    it('says what is wrong and where', () => {
      assert.equal(refused({ json: { image: 'ghcr.io/acme/app' } }), 'invalid: needs "tag", or a tag in "image"');
      assert.equal(
        refused({ json: { image: `ghcr.io/acme/app@${digest}` } }),
        'invalid: needs "tag", or a tag in "image"',
      );
      assert.match(refused({ json: { image: 'ghcr.io/acme/app', tag: 'a b' } }), /^invalid: the tag must have/);
      assert.match(
        refused({ json: { image: 'ghcr.io/acme/app:1', digest: 'sha256:1' } }),
        /^invalid: the digest must be/,
      );
      assert.match(
        refused({ json: { image: 'https://ghcr.io/acme/app' } }),
        /^invalid: image: must be an image repository/,
      );
      assert.match(refused({ json: { name: 'ghcr.io/acme/app' } }), /^invalid: image: /);
    });
  });
}
