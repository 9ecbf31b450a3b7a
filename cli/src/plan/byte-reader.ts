/** Reads lines and numbers of bytes from a stream of chunks. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** A line without its end; undefined if the stream ends before it. */
  async line(): Promise<string | undefined> {
    let end = this.#held.indexOf('\n');
    while (end < 0) {
      if (!(await this.#more())) return undefined;
      end = this.#held.indexOf('\n');
    }
    return this.#take(end + 1).toString('utf8', 0, end);
  }

  /** This number of bytes; undefined if the stream ends before. */
  async bytes(count: number): Promise<Buffer | undefined> {
    while (this.#held.length < count) if (!(await this.#more())) return undefined;
    return this.#take(count);
  }

  /** Drops this number of bytes without keeping them. */
  async skip(count: number): Promise<void> {
    let left = count;
    while (left > 0) {
      if (this.#held.length === 0 && !(await this.#more())) return;
      left -= this.#take(Math.min(left, this.#held.length)).length;
    }
  }

  #take(count: number): Buffer {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done) return false;
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
    return true;
  }
}
