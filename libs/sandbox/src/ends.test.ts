import assert from 'node:assert/strict';
import { Ends, startInSteps } from './ends.js';

describe('a start in steps', () => {
  const stopped: string[] = [];
  afterEach(() => stopped.splice(0));
  const server = (name: string, failure?: Error) => ({
    name,
    async stop() {
      stopped.push(name);
      if (failure) throw failure;
    },
  });

  it('stops the newest part first, and the others also if one fails to stop', async () => {
    const ends = new Ends();
    ends.keep(server('nats'));
    ends.keep(server('git', new Error('git does not stop')));
    assert.equal(ends.keep(server('argo', new Error('argo does not stop'))).name, 'argo');
    await assert.rejects(ends.stop(), /argo does not stop/);
    assert.deepEqual(stopped, ['argo', 'git', 'nats']);
    await ends.stop();
    assert.equal(stopped.length, 3, 'each part is stopped once');
  });

  it('that fails stops what was started, and rejects with the reason of the start', async () => {
    const starting = startInSteps(async (ends) => {
      ends.keep(server('nats'));
      ends.keep(server('redis', new Error('redis does not stop')));
      throw new Error('git does not start');
    });
    await assert.rejects(starting, /git does not start/);
    assert.deepEqual(stopped, ['redis', 'nats']);
  });

  it('that succeeds stops nothing', async () => {
    assert.equal(await startInSteps(async (ends) => ends.keep(server('nats')).name), 'nats');
    assert.deepEqual(stopped, []);
  });
});
