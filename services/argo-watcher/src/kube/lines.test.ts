import assert from 'node:assert/strict';
import { LineTooLong, lines } from './lines.js';

async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text, 'latin1');
}

async function split(limit: number, ...texts: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines(chunks(...texts), limit)) found.push(line);
  return found;
}

describe('lines', () => {
  it('joins the pieces of a line and drops an unfinished one', async () => {
    assert.deepEqual(await split(100, 'a\nb', 'c\n\n', 'd', 'e', '\n', 'cut off'), ['a', 'bc', '', 'de']);
  });

  it('keeps a character whose bytes arrive in two chunks', async () => {
    assert.deepEqual(await split(100, '\xc3', '\xa9\n'), ['é']);
  });

  it('holds no more than the limit for a line', async () => {
    assert.deepEqual(await split(4, 'abcd\nabcd\n'), ['abcd', 'abcd']);
    await assert.rejects(split(4, 'abcde\n'), LineTooLong);
    await assert.rejects(split(4, 'ab', 'cde'), LineTooLong);
  });
});
