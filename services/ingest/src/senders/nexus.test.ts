import assert from 'node:assert/strict';
import { nexus } from './nexus.js';
import { digest, fixture, readerOf } from './sender.fixture.js';

const registries = new Map([['nexus/docker-hosted', 'registry.example.com:8082']]);
const { images, ignored, refused, understood } = readerOf(nexus, registries);

describe('Nexus', () => {
  it('reads an image, from the registry of the configuration', () => {
    assert.deepEqual(images('component'), ['registry.example.com:8082/acme/storefront:1.4.2']);
    assert.equal(understood('component').pushes[0]?.pushedAt.toISOString(), '2026-01-02T03:04:05.664Z');
    const { json } = fixture('nexus', 'component');
    assert.equal(images({ json: { ...json, action: 'UPDATED' } }).length, 1);
  });

  it('says what to configure if it does not know the host', () => {
    assert.match(readerOf(nexus).refused('component'), /^invalid: K8STA_WEBHOOK_REGISTRIES does not say/);
  });

  it('ignores assets, deletions and other formats', () => {
    assert.equal(ignored('asset'), 'not about a component');
    const { json } = fixture('nexus', 'component');
    assert.equal(ignored({ json: { ...json, action: 'DELETED' } }), 'an image was not created or updated');
    const npm = { ...json, component: { ...json.component, format: 'npm' } };
    assert.equal(ignored({ json: npm }), 'the component is not an image');
    const untagged = { ...json, component: { ...json.component, version: digest } };
    assert.equal(ignored({ json: untagged }), 'a manifest without a tag');
  });

  it('says what is wrong and where', () => {
    const { json } = fixture('nexus', 'component');
    const elsewhere = { ...json, component: { ...json.component, name: '../x' } };
    assert.match(refused({ json: elsewhere }), /^invalid: component.name: /);
    assert.match(refused({ json: {} }), /^invalid: repositoryName: /);
  });
});
