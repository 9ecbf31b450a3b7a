import assert from 'node:assert/strict';
import { project } from '@k8sta/applications';
import { synced } from '@k8sta/applications/fixture';
import fc from 'fast-check';
import { ItemReader } from './items.js';

/** Reads the bytes in chunks of this size. */
function read(list: unknown, chunkSize = 16, limit = 1_000_000): { items: unknown[]; around: unknown } {
  const reader = new ItemReader(limit);
  const bytes = Buffer.from(typeof list === 'string' ? list : JSON.stringify(list));
  const items: unknown[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) items.push(...reader.push(bytes.subarray(at, at + chunkSize)));
  return { items, around: reader.end() };
}

function listOf(items: unknown[]) {
  return { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '7', continue: 'a "b' } };
}

describe('ItemReader', () => {
  it('returns each object, and the list around them, for any division into chunks', () => {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(object), fc.integer({ min: 1, max: 200 }), (objects, chunkSize) => {
        const list = listOf(JSON.parse(JSON.stringify(objects)));
        const { items, around } = read(list, chunkSize);
        assert.deepEqual(items, list.items);
        assert.deepEqual(around, { ...list, items: [] });
      }),
    );
  });

  it('accepts spaces, any order of keys, and an empty list', () => {
    const text = '{ "metadata": {"items": [1]},\n "items" : [ {"a": [ ]} , {"b": "]}"} ] , "x": [{"items":[{}]}] }';
    assert.deepEqual(read(text).items, [{ a: [] }, { b: ']}' }]);
    assert.deepEqual(read('{"items":null,"metadata":{}}'), { items: [], around: { items: null, metadata: {} } });
    assert.deepEqual(read('{"items":[],"metadata":{}}').items, []);
  });

  const failed = { kind: 'Job', name: 'smoke', hookPhase: 'Failed', message: 'exit 1' };
  const big = () => {
    const { metadata, status, ...rest } = synced();
    const history = [
      { id: 1, revision: 'a', source: { path: '.' } },
      { id: 2, revisions: ['b'], sources: [{ ref: 'x' }] },
    ];
    const managedFields = [{ 'f:a': '}]"\\' }];
    return { ...rest, metadata: { ...metadata, managedFields }, status: { ...status, history } as typeof status };
  };

  it('omits the fields that are not read, only at their place', () => {
    const values = { resources: { cpu: 1 }, source: { image: 'a' }, sources: [1] };
    const elsewhere = {
      resources: [1],
      spec: { source: { helm: { valuesObject: values } }, sources: [{ helm: { valuesObject: values } }] },
    };
    const [first, second] = read(listOf([big(), elsewhere]), 100_000).items as [ReturnType<typeof big>, unknown];
    assert.equal(first.metadata.managedFields, null);
    assert.equal(first.status['resources'], null);
    assert.deepEqual(first.status['history'], [
      { id: 1, revision: 'a', source: null },
      { id: 2, revisions: ['b'], sources: null },
    ]);
    assert.equal((first.status['operationState'] as { syncResult: { resources: null } }).syncResult.resources, null);
    assert.deepEqual(second, elsewhere);
  });

  it('keeps the result of a sync in which something failed', () => {
    const object = big();
    Object.assign(object.status['operationState'] as object, { syncResult: { resources: [failed] } });
    const [read0] = read(listOf([object]), 100_000).items as [ReturnType<typeof big>];
    assert.deepEqual((read0.status['operationState'] as object & { syncResult: object }).syncResult, {
      resources: [failed],
    });
  });

  it('changes nothing that is read', () => {
    const now = new Date('2026-03-01T12:00:11Z');
    const object = big();
    Object.assign(object.status['operationState'] as object, { phase: 'Failed', syncResult: { resources: [failed] } });
    for (let chunkSize = 1; chunkSize < 60; chunkSize++) {
      const { items } = read(listOf([object, big()]), chunkSize);
      assert.deepEqual(
        items.map((item) => project(item, { instance: 'default', now })),
        [object, big()].map((item) => project(item, { instance: 'default', now })),
      );
    }
  });

  it('holds no more than its limit', () => {
    const long = { text: 'x'.repeat(2_000) };
    assert.throws(() => read(listOf([long]), 100, 1_000), /more than 1000 bytes/);
    assert.throws(() => read({ metadata: long }, 100, 1_000), /more than 1000 bytes/);
    assert.throws(() => read(`{"items":[{"text":"${'x'.repeat(2_000)}`, 100, 1_000), /more than 1000 bytes/);
  });

  for (const text of ['', '{', '{"items":[', '{"items":[{}', '{"items":[{}]']) {
    it(`rejects the incomplete list ${text || '(empty)'}`, () =>
      assert.throws(() => read(text), /ended in the middle/));
  }
});
