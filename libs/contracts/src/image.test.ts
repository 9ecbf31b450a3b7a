import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normaliseRepository, parseImage } from './image.js';
import { digest, imageRepository } from './names.js';

describe('image', () => {
  const references: Record<string, string> = {
    nginx: 'docker.io/library/nginx',
    'library/nginx': 'docker.io/library/nginx',
    'docker.io/nginx': 'docker.io/library/nginx',
    'index.docker.io/library/nginx:1.27': 'docker.io/library/nginx',
    'registry-1.docker.io/acme/Storefront': 'docker.io/acme/storefront',
    'acme/storefront@sha256:abc': 'docker.io/acme/storefront',
    'GHCR.io/Acme/Storefront:1.4.2': 'ghcr.io/acme/storefront',
    'registry.acme.test:5000/team/app:1': 'registry.acme.test:5000/team/app',
    'localhost/app': 'localhost/app',
    'localhost:5000/app': 'localhost:5000/app',
    'ghcr.io/acme/storefront:': 'ghcr.io/acme/storefront',
  };
  for (const [reference, repository] of Object.entries(references)) {
    it(`normalises ${reference}`, () => assert.equal(normaliseRepository(reference), repository));
  }

  it('parses a reference', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    assert.deepEqual(parseImage(`localhost:5000/app:V1@${digest}`), {
      repository: 'localhost:5000/app',
      tag: 'V1',
      digest,
    });
  });

  it('refuses a repository that is longer than 255 characters with its host, in a short message', () => {
    const longest = `ghcr.io/${'a/'.repeat(123)}b`;
    assert.equal(longest.length, 255);
    assert.equal(normaliseRepository(longest), longest);
    assert.ok(imageRepository.safeParse(longest).success);
    assert.ok(!imageRepository.safeParse(`${longest}c`).success);
    const unspelled = `acme/${'a'.repeat(241)}`;
    for (const text of [`${longest}c`, unspelled, 'a/'.repeat(350_000), 'a'.repeat(700_000), `a:${'1'.repeat(900)}`]) {
      assert.throws(
        () => parseImage(text),
        (error: Error) => error instanceof RangeError && error.message.length < 300,
      );
    }
  });

  it('accepts a digest up to the longest registered one', () => {
    for (const valid of [`sha256:${'a'.repeat(64)}`, `sha512:${'0'.repeat(128)}`])
      assert.ok(digest.safeParse(valid).success);
    for (const text of [`sha512:${'0'.repeat(129)}`, `${'a'.repeat(200)}:${'0'.repeat(64)}`]) {
      assert.ok(!digest.safeParse(text).success);
    }
  });

  it('refuses text that is not an image reference', () => {
    for (const text of [
      '',
      ' ',
      '../etc/passwd',
      'a//b',
      'a b',
      'https://ghcr.io/acme/app',
      'a@b@c',
      '-x',
      '__proto__/',
    ]) {
      assert.throws(() => parseImage(text), RangeError, text);
    }
  });

  it('is stable, and throws nothing but RangeError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z.:/@-]{1,30}$/)), (text) => {
        try {
          const once = normaliseRepository(text);
          assert.equal(normaliseRepository(once), once);
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      }),
    );
  });
});
