/** A line is longer than the limit. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

/** Splits a stream of bytes into lines. Unlike `node:readline` it keeps at most `limit` bytes of a line. */
export async function* lines(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      if (length + end - start > limit) throw new LineTooLong(`a line has more than ${limit} bytes`);
      parts.push(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      start = end + 1;
    }
    length += chunk.length - start;
    if (length > limit) throw new LineTooLong(`a line has more than ${limit} bytes`);
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
}
