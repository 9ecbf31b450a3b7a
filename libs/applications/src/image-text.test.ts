import assert from 'node:assert/strict';
import { imageText } from './image-text.js';

const digest = `sha256:${'0'.repeat(64)}`;

describe('the text of an image in Helm values', () => {
  it('is kept under a key of a repository, a registry or an image', () => {
    for (const [key, value] of [
      ['image.repository', 'ghcr.io/acme/shop'],
      ['image.repository', 'nginx'],
      ['image.registry', 'registry.example.com:5000'],
      ['global.imageRegistry', 'localhost:5000'],
      ['web.image', 'ghcr.io/acme/shop:1.4.2'],
      ['web.image', `ghcr.io/acme/shop@${digest}`],
      ['controllers.0.image.name', 'acme/shop'],
    ] as const) {
      assert.equal(imageText(key, value), value, key);
    }
  });

  it('is not kept under another key, whatever it is', () => {
    for (const key of ['image.tag', 'image.pullSecret', 'registry.password', 'repository.token', 'name']) {
      assert.equal(imageText(key, 'ghcr.io/acme/shop'), undefined, key);
    }
  });

  it('is not kept if it could be anything else, such as a secret', () => {
    for (const value of [
      ...['hunter2@ghcr.io', 'bot:hunter2@ghcr.io/acme/shop', 'https://bot:hunter2@ghcr.io', 'AKIA2E0A8F3B244C9986'],
      ...['ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'two words', '', 'a'.repeat(600), `a@${digest}@b`, 7, null, {}],
    ]) {
      assert.equal(imageText('image.repository', value), undefined, String(value));
    }
  });
});
