import assert from 'node:assert/strict';
import { gar } from './gar.js';
import { digest, pushedAt, readerOf } from './sender.fixture.js';

const { images, ignored, refused, understood } = readerOf(gar);

function message(notification: unknown, publishTime = pushedAt.toISOString()) {
  const data = Buffer.from(JSON.stringify(notification)).toString('base64');
  return { json: { message: { data, publishTime }, subscription: 'projects/acme/subscriptions/k8sta' } };
}

describe('Google Artifact Registry', () => {
  it('reads a message of Pub/Sub', () => {
    assert.deepEqual(images('push'), [`europe-docker.pkg.dev/acme/images/storefront:1.4.2@${digest}`]);
    assert.equal(understood('push').pushes[0]?.pushedAt.toISOString(), '2026-01-02T03:04:05.128Z');
    assert.deepEqual(images(message({ action: 'INSERT', tag: 'gcr.io/acme/app:1.0.0' })), ['gcr.io/acme/app:1.0.0']);
  });

  it('ignores the upload before the tagging, deletions, and what is not a notification', () => {
    assert.equal(ignored('upload'), 'an upload without a tag');
    assert.equal(ignored('delete'), 'not the push of an image');
    assert.equal(ignored(message(7)), 'not a notification of Artifact Registry');
    assert.equal(ignored({ json: { message: { data: '%%%' } } }), 'not a notification of Artifact Registry');
  });

  it('says what is wrong and where', () => {
    assert.match(
      refused(message({ action: 'INSERT', tag: 'https://x' })),
      /^invalid: tag: must be an image repository/,
    );
    assert.match(
      refused(message({ action: 'INSERT', tag: 'gcr.io/a/b:1', digest: 'gcr.io/a/b@x' })),
      /^invalid: the digest/,
    );
    assert.match(refused({ json: {} }), /^invalid: message: /);
  });
});
