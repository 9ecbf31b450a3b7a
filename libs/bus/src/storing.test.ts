import assert from 'node:assert/strict';
import { NatsError } from 'nats';
import { Storing } from './storing.js';

const full = new NatsError('503', '503', new Error('maximum bytes exceeded'));

describe('whether JetStream stores events', () => {
  let nowMs: number;
  let storing: Storing;
  beforeEach(() => {
    nowMs = 0;
    storing = new Storing(() => nowMs);
  });

  it('says why it refused one, until it stores one in the same stream', () => {
    storing.check();
    storing.failed('K8STA', full);
    storing.stored('K8STA_DEAD');
    assert.throws(() => storing.check(), { message: 'JetStream does not store events: maximum bytes exceeded' });
    storing.stored('K8STA');
    storing.check();
  });

  it('forgets a refusal after a minute: another replica may have stored the event', () => {
    storing.failed('K8STA', full);
    nowMs = 59_999;
    assert.throws(() => storing.check());
    nowMs = 60_000;
    storing.check();
  });

  it('is not concerned by an event that is wrong, or by a server that does not answer', () => {
    storing.failed('K8STA', new TypeError('the data does not match'));
    storing.failed('K8STA', new NatsError('MAX_PAYLOAD_EXCEEDED', 'MAX_PAYLOAD_EXCEEDED'));
    storing.failed('K8STA', new NatsError('TIMEOUT', 'TIMEOUT'));
    storing.check();
  });
});
