import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { answerTo } from './answer.js';
import { dockerHub } from './senders/dockerhub.js';

describe('answerTo', () => {
  it('takes a connection that broke before its body was read for what it is, not for a defect', async () => {
    const request = new IncomingMessage(new Socket());
    Object.assign(request, { url: '/webhooks/dockerhub/secret', method: 'POST' });
    request.on('error', () => {});
    const breaks = async () => {
      request.destroy(new Error('aborted'));
      return true;
    };
    const { outcome } = await answerTo(request, {
      routes: [{ sender: dockerHub, secrets: { accept: breaks } }],
      tracks: [],
      bus: { publish: () => assert.fail('nothing is stored') },
      now: () => new Date(),
      bodyLimit: 1024,
      storeWithinMs: 1,
    });
    assert.equal(outcome, 'aborted');
  });
});
