import assert from 'node:assert/strict';
import { remembered } from './remembered.js';

describe('what was read of a text', () => {
  let reads: string[] = [];
  const read = remembered((text: string) => {
    reads.push(text);
    if (text === 'wrong') throw new Error('wrong');
    return { length: text.length };
  }, 20);

  beforeEach(() => {
    reads = [];
  });

  it('is remembered while the text is among the last ones', () => {
    assert.equal(read('one'), read('one'));
    read('two');
    read('one');
    assert.deepEqual(reads, ['one', 'two']);
  });

  it('is forgotten when later texts have more characters than are kept', () => {
    read('first');
    read('fifteen letters');
    read('first');
    read('fifteen letters');
    assert.deepEqual(reads, ['first', 'fifteen letters', 'first', 'fifteen letters']);
  });

  it('is read again after an error', () => {
    for (let time = 0; time < 2; time++) assert.throws(() => read('wrong'), /wrong/);
    assert.deepEqual(reads, ['wrong', 'wrong']);
  });
});
