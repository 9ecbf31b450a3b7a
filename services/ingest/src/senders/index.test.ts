import assert from 'node:assert/strict';
import { senders } from './index.js';
import { fixturesOf, readerOf, receivedAt, sendersWithFixtures } from './sender.fixture.js';

const registries = new Map([['nexus/docker-hosted', 'registry.example.com:8082']]);

describe('the list of senders', () => {
  it('has names that fit a path, a file and a subject, each once', () => {
    const names = senders.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
    for (const name of names) assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });

  it('has fixtures for each sender and for no other', () => {
    assert.deepEqual(sendersWithFixtures, senders.map(({ name }) => name).sort());
  });

  for (const sender of senders) {
    it(`has a webhook of ${sender.name} that announces an image, and refuses no fixture`, () => {
      const reader = readerOf(sender, registries);
      const deliveries = fixturesOf(sender.name).map((name) => {
        const delivery = reader.read(name);
        assert.ok(!('refusal' in delivery), `${name}: ${JSON.stringify(delivery)}`);
        return delivery;
      });
      const pushes = deliveries.flatMap((delivery) => ('pushes' in delivery ? delivery.pushes : []));
      assert.ok(pushes.length > 0);
      for (const push of pushes) assert.ok(push.pushedAt <= receivedAt);
    });
  }
});
