import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { catalogue } from '@k8sta/contracts';
import { registeredMetrics } from './reference/metrics.js';
import { references } from './reference/references.js';
import { consumes, publishes, reads } from './reference/usage.js';

const root = new URL('../', import.meta.url);
const docs = new URL('docs/', root);

describe('a reference', () => {
  for (const [path, generated] of Object.entries(references())) {
    it(`${path} matches the code; after a change: npm run generate`, async () => {
      assert.equal(await readFile(new URL(path, root), 'utf8'), generated);
    });
  }

  it('lists only labels with bounded values and metrics whose names follow the conventions', () => {
    for (const { name, type, labelNames } of registeredMetrics()) {
      assert.match(name, /^k8sta_(ingest|tracker|promoter|watcher|board|notifier|bus|service)_[a-z_]+$/);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      if (type === 'histogram') assert.match(name, /_seconds$/);
      for (const label of labelNames) assert.ok(bounded.includes(label), `${name} has the label ${label}`);
    }
  });

  it('and every other document name only registered metrics', async () => {
    const names = registeredMetrics().flatMap(({ name, type }) =>
      type === 'histogram' ? ['', '_bucket', '_sum', '_count'].map((suffix) => `${name}${suffix}`) : [name],
    );
    for (const document of (await readdir(docs)).filter((name) => name.endsWith('.md'))) {
      const text = await readFile(new URL(document, docs), 'utf8');
      for (const [name] of text.matchAll(/\bk8sta_[a-z_]+[a-z]\b(?!_)/g)) {
        assert.ok(names.includes(name), `docs/${document} names ${name}`);
      }
    }
  });
});

describe('the catalogue', () => {
  it('names no publisher, consumer or reader that is not built', () => {
    const unbuilt = catalogue.flatMap(({ type, publishers, consumers, readers = [] }) => [
      ...publishers.filter((service) => !publishes(service, type)).map((service) => `${service} publishes ${type}`),
      ...consumers.filter((service) => !consumes(service, type)).map((service) => `${service} consumes ${type}`),
      ...readers.filter((service) => !reads(service, type)).map((service) => `${service} reads ${type}`),
    ]);
    assert.deepEqual(unbuilt, []);
  });
});

/** An Application, an image, a tag or a Ticket is none of them. */
const bounded = [
  'track',
  'station',
  'state',
  'outcome',
  'type',
  'kind',
  'reason',
  'question',
  'sender',
  'argo_instance',
  'check',
  'receiver',
  'route',
  'status',
  'verb',
];
