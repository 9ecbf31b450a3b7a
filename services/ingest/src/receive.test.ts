import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { UnprovenBodies } from './body.js';
import { receive } from './receive.js';
import { dockerHub } from './senders/dockerhub.js';

describe('receive', () => {
  it('answers that the body ended early if the connection breaks before the body is read', async () => {
    const request = new IncomingMessage(new Socket());
    Object.assign(request, { url: '/webhooks/dockerhub/secret', method: 'POST', headers: { host: 'x' } });
    request.on('error', () => {});
    const breaks = async () => {
      request.destroy(new Error('aborted'));
      return [{ name: 'dockerhub:1', value: 'secret' }];
    };
    const { outcome } = await receive(request, {
      senders: [dockerHub],
      secrets: { of: breaks },
      unprovenBodies: new UnprovenBodies(0),
      tokens: { verify: () => assert.fail('there is no token') },
      tracks: [],
      storage: { store: () => assert.fail('nothing is stored') },
      judge: () => assert.fail('nothing is opened'),
      now: () => new Date(),
      bodyLimit: 1024,
    });
    assert.equal(outcome, 'aborted');
  });
});
