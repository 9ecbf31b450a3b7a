import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { answerTo } from './answer.js';
import { dockerHub } from './senders/dockerhub.js';

describe('answerTo', () => {
  it('says of a connection that breaks before its body is read that the body ended early', async () => {
    const request = new IncomingMessage(new Socket());
    Object.assign(request, { url: '/webhooks/dockerhub/secret', method: 'POST', headers: { host: 'x' } });
    request.on('error', () => {});
    const breaks = async () => {
      request.destroy(new Error('aborted'));
      return true;
    };
    const { outcome } = await answerTo(request, {
      routes: [{ sender: dockerHub, secrets: { accept: breaks } }],
      tracks: [],
      storage: { store: () => assert.fail('nothing is stored') },
      judge: () => assert.fail('nothing is opened'),
      now: () => new Date(),
      bodyLimit: 1024,
    });
    assert.equal(outcome, 'aborted');
  });
});
