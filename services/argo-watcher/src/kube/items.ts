import { StringDecoder } from 'node:string_decoder';

/** An object, or what is around the objects, larger than it may be. */
export class ItemTooLarge extends Error {
  override readonly name = 'ItemTooLarge';
}

/** A value that is left out of an object, by its key. */
interface Unread {
  readonly key: Buffer;
  /** It is read where this is found in it. */
  readonly unless?: RegExp;
}

/**
 * Most of an Application, which is not read, by its depth in the object: the fields' owners, the tree of resources, and the
 * result of a sync in which nothing failed.
 */
const unreadAt: readonly (readonly Unread[] | undefined)[] = [
  undefined,
  undefined,
  ['managedFields', 'resources'].map((key) => ({ key: Buffer.from(`"${key}":`) })),
  undefined,
  [{ key: Buffer.from('"resources":'), unless: /Failed|Error/ }],
];
const nothing = Buffer.from('null');

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
/** Of each byte, whether it is of no interest outside of a string. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  [quote, openBrace, closeBrace, openBracket, closeBracket].includes(byte) ? 0 : 1,
);

/** How deep the items stand: within the object that the list is, and its array. */
const itemsDepth = 2;

/**
 * Reads a Kubernetes list object by object, as its bytes come: a page of large objects is never in memory as one text,
 * and what is not read of an object is left out before it is parsed, where most of the time would go.
 *
 * It only tells strings from structure; `JSON.parse` judges the rest. A key that lies across two chunks is not
 * recognised, and its value is parsed like any other.
 */
export class ItemReader {
  readonly #limit: number;
  readonly #decoder = new StringDecoder('utf8');
  #around = '';
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isInItems = false;
  /** The object that has begun. */
  #item: Buffer[] = [];
  #length = 0;
  /** The value within it that is left out, where it began, and as much of it as is kept until its end is seen. */
  #leftOut: { readonly depth: number; readonly unless: RegExp | undefined; readonly bytes: Buffer[] } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The objects that end in this chunk. Throws when one is larger than the limit, or no JSON. */
  push(chunk: Buffer): unknown[] {
    const items: unknown[] = [];
    let from = 0;
    for (let at = this.#skip(chunk, 0); at < chunk.length; at = this.#skip(chunk, at + 1)) {
      const byte = chunk[at];
      if (byte === openBrace || byte === openBracket) {
        from = this.#opened(chunk, from, at);
        this.#depth += 1;
      } else {
        this.#depth -= 1;
        from = this.#closed(chunk, from, at, items);
      }
    }
    // What is between two objects is a comma.
    if (!this.#isInItems || this.#depth > itemsDepth) this.#keep(chunk, from, chunk.length);
    return items;
  }

  /** Where the next brace or bracket outside of a string is; the end of the chunk where there is none. */
  #skip(chunk: Buffer, start: number): number {
    // Every byte of every list comes by here, hence the narrow loops.
    const end = chunk.length;
    let at = start;
    while (at < end) {
      if (!this.#isInString) {
        while (at < end && isPlain[chunk[at] as number]) at++;
        if (at === end || chunk[at] !== quote) return at;
        this.#isInString = true;
      } else if (this.#isEscaped) {
        this.#isEscaped = false;
      } else {
        while (at < end && chunk[at] !== quote && chunk[at] !== backslash) at++;
        if (at === end) return at;
        this.#isInString = chunk[at] !== quote;
        this.#isEscaped = this.#isInString;
      }
      at++;
    }
    return at;
  }

  /** The list itself, with an empty array where its items were. Throws when it has not ended. */
  end(): unknown {
    if (this.#depth !== 0 || this.#around === '') throw new Error('the list ended in the middle');
    return JSON.parse(this.#around);
  }

  /** What began at this depth; returns from where on the chunk is kept. */
  #opened(chunk: Buffer, from: number, at: number): number {
    const depth = this.#depth;
    if (this.#leftOut) return from;
    if (!this.#isInItems) {
      if (depth !== itemsDepth - 1 || chunk[at] !== openBracket || !this.#isItemsKey(chunk, from, at)) return from;
      this.#keep(chunk, from, at + 1);
      this.#isInItems = true;
      return at + 1;
    }
    if (depth === itemsDepth) return at;
    const unread = chunk[at - 1] === colon ? unreadAt[depth - itemsDepth] : undefined;
    const found = unread?.find(
      ({ key }) => at >= key.length && chunk.compare(key, 0, key.length, at - key.length, at) === 0,
    );
    if (!found) return from;
    this.#keep(chunk, from, at);
    this.#leftOut = { depth, unless: found.unless, bytes: [] };
    return at;
  }

  /** What ended, so that the depth is this one; returns from where on the chunk is kept. */
  #closed(chunk: Buffer, from: number, at: number, items: unknown[]): number {
    const depth = this.#depth;
    if (this.#leftOut) {
      if (depth > this.#leftOut.depth) return from;
      this.#keep(chunk, from, at + 1);
      const { bytes, unless } = this.#leftOut;
      this.#leftOut = undefined;
      const isRead = unless?.test(Buffer.concat(bytes).toString('latin1'));
      for (const part of isRead ? bytes : [nothing]) this.#keep(part, 0, part.length);
      return at + 1;
    }
    if (!this.#isInItems || depth > itemsDepth) return from;
    if (depth < itemsDepth) {
      this.#isInItems = false;
      return at;
    }
    this.#keep(chunk, from, at + 1);
    items.push(JSON.parse(Buffer.concat(this.#item).toString('utf8')));
    this.#item = [];
    this.#length = 0;
    return at + 1;
  }

  #isItemsKey(chunk: Buffer, from: number, at: number): boolean {
    return /"items"\s*:\s*$/.test(this.#around.slice(-16) + chunk.toString('latin1', Math.max(from, at - 16), at));
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    if (from >= to) return;
    const bytes = chunk.subarray(from, to);
    if (!this.#isInItems) {
      this.#around += this.#decoder.write(bytes);
      this.#within(this.#around.length);
    } else if (!this.#leftOut || this.#leftOut.unless) {
      (this.#leftOut?.bytes ?? this.#item).push(bytes);
      this.#length += bytes.length;
      this.#within(this.#length);
    }
  }

  #within(length: number): void {
    if (length > this.#limit) throw new ItemTooLarge(`an object of the list has more than ${this.#limit} bytes`);
  }
}
