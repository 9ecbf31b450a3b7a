import assert from 'node:assert/strict';
import { anonymousBytes, Memory } from './memory.js';

const megabyte = 1024 * 1024;

describe('the memory of a worker', () => {
  it('collects garbage after it has grown, and not before', () => {
    let inUse = 60 * megabyte;
    let collections = 0;
    const memory = new Memory({
      inUse: () => inUse,
      collect() {
        collections++;
        inUse = 50 * megabyte;
      },
    });
    const after = (megabytes: number) => {
      inUse = megabytes * megabyte;
      return [memory.check() / megabyte, collections];
    };
    assert.deepEqual(after(60), [50, 1]);
    assert.deepEqual(after(81), [81, 1]);
    assert.deepEqual(after(82), [50, 2]);
    assert.deepEqual(after(40), [40, 2]);
    assert.deepEqual(after(72), [50, 3]);
  });

  it('reports the memory that is left when nothing was garbage', () => {
    const memory = new Memory({ inUse: () => 300 * megabyte, collect() {} });
    assert.equal(memory.check(), 300 * megabyte);
  });

  it('counts the memory that a process fills', () => {
    const before = anonymousBytes();
    const filled = Buffer.alloc(64 * megabyte, 1);
    assert.ok(anonymousBytes() - before > 32 * megabyte);
    assert.equal(filled[0], 1);
  });
});
