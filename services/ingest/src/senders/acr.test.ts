import assert from 'node:assert/strict';
import { acr, acrEventGrid } from './acr.js';
import { digest, fixture, readerOf } from './sender.fixture.js';

const image = `acme.azurecr.io/acme/storefront:1.4.2@${digest}`;

describe('Azure Container Registry', () => {
  const { images, ignored, refused, understood } = readerOf(acr);

  it('reads a push', () => {
    assert.deepEqual(images('push'), [image]);
    assert.equal(understood('push').pushes[0]?.pushedAt.toISOString(), '2026-01-02T03:04:05.343Z');
  });

  it('ignores a ping, a deletion and a manifest without a tag', () => {
    assert.equal(ignored('ping'), 'not the push of an image');
    assert.equal(ignored('delete'), 'not the push of an image');
    const { json } = fixture('acr', 'push');
    assert.equal(ignored({ json: { ...json, target: { ...json.target, tag: '' } } }), 'a manifest without a tag');
  });

  it('says what is wrong and where', () => {
    const { json } = fixture('acr', 'push');
    assert.equal(refused({ json: { action: 'push' } }), 'invalid: needs "target.repository" and "request.host"');
    const elsewhere = { ...json, request: { host: 'acme' } };
    assert.match(
      refused({ json: elsewhere }),
      /^invalid: target.repository: must be an image repository with its host/,
    );
    assert.match(refused({ json: {} }), /^invalid: action: /);
  });
});

describe('Azure Event Grid', () => {
  const { read, images, ignored, refused, understood } = readerOf(acrEventGrid);

  it('reads a push', () => {
    assert.deepEqual(images('push'), [image]);
    assert.equal(understood('push').pushes[0]?.pushedAt.toISOString(), '2026-01-02T03:04:05.010Z');
  });

  it('answers its handshake with the code', () => {
    assert.deepEqual(read('validation'), {
      ignored: 'the handshake of Event Grid',
      answer: { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' },
    });
    const { json } = fixture('acr-event-grid', 'validation');
    for (const validationCode of ['', '<script>', 'x'.repeat(1_000), 7, undefined]) {
      const unknown = { json: [{ ...json[0], data: { validationCode } }] };
      assert.match(refused(unknown), /^invalid: the validation event needs/, String(validationCode));
    }
  });

  it('ignores other events, and does not let one that is wrong stop the others', () => {
    assert.equal(ignored('deleted'), 'not the push of an image');
    const { json } = fixture('acr-event-grid', 'push');
    const mixed = { json: [{ ...json[0], data: {} }, ...json] };
    assert.deepEqual(images(mixed), [image]);
    assert.deepEqual(understood(mixed).faults, ['[0].data needs "target.repository" and "request.host"']);
  });
});
