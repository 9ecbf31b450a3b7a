import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { senders } from './index.js';

const fixtures = new URL('fixtures/', import.meta.url);

describe('the list of senders', () => {
  it('has names that fit a path, a file and a subject, each once', () => {
    const names = senders.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
    for (const name of names) assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });

  it('has fixtures for each sender and for no other', () => {
    assert.deepEqual(readdirSync(fixtures).sort(), senders.map(({ name }) => name).sort());
  });

  for (const { name, read } of senders) {
    it(`has a webhook of ${name} that announces an image`, () => {
      const folder = new URL(`${name}/`, fixtures);
      const files = readdirSync(folder);
      const deliveries = files.map((file) => {
        const bytes = readFileSync(new URL(file, folder));
        const delivery = read({ 'content-type': 'application/json' }, bytes, new Date());
        assert.ok(!('refusal' in delivery), `${file}: ${JSON.stringify(delivery)}`);
        return delivery;
      });
      assert.ok(deliveries.some((delivery) => 'pushes' in delivery && delivery.pushes.length > 0));
    });
  }
});
