import assert from 'node:assert/strict';
import { distribution, gitlab } from './distribution.js';
import { digest, fixture, readerOf } from './sender.fixture.js';

const { images, ignored, understood, refused } = readerOf(distribution);

describe('the notifications of CNCF distribution', () => {
  it('announces each tagged manifest of an envelope, and no layer', () => {
    assert.deepEqual(images('push'), [
      `registry.example.com:5000/acme/storefront:1.4.2@${digest}`,
      'registry.example.com:5000/acme/checkout:2.0.0@sha256:0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427',
    ]);
    assert.equal(understood('push').faults, undefined);
    assert.equal(understood('push').pushes[0]?.pushedAt.toISOString(), '2026-01-02T03:04:05.512Z');
  });

  it("reads the content types of both versions, and is the registry of a GitLab of one's own", () => {
    assert.equal(images('push-v1').length, 1);
    assert.deepEqual(readerOf(gitlab).images('push'), [
      `registry.gitlab.example.com/acme/shop/storefront:1.4.2@${digest}`,
    ]);
    const { json } = fixture('distribution', 'push');
    assert.match(refused({ json, headers: { 'content-type': 'text/html' } }), /^wrongContentType: /);
  });

  it('ignores pulls', () => {
    assert.equal(ignored('pull'), 'not a push');
  });

  it('does not let an event that is wrong stop the others, and names it', () => {
    const { json } = fixture('distribution', 'push');
    const mixed = { json: { events: [null, ...json.events, { action: 'push' }] } };
    assert.equal(images(mixed).length, 2);
    assert.deepEqual(understood(mixed).faults, ['events[0] is not an event', 'events[5] is not an event']);
  });

  it('never refuses an envelope because of its events: the registry would post it again and again', () => {
    assert.equal(ignored({ json: { events: [{}] } }), 'events[0] is not an event');
    assert.equal(ignored({ json: { events: [] } }), 'announces no image');
    const [, , event] = fixture('distribution', 'push').json.events;
    const inside = { json: { events: [{ ...event, request: { host: 'registry' } }] } };
    assert.match(ignored(inside), /^events\[0\]: must be an image repository with its host/);
    const configured = readerOf(distribution, new Map([['distribution/registry', 'registry.example.com']]));
    assert.match(configured.images(inside)[0] ?? '', /^registry\.example\.com\/acme\/storefront:1\.4\.2@/);
    assert.match(refused({ json: {} }), /^invalid: events: /);
  });
});
