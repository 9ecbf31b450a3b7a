import { StringDecoder } from 'node:string_decoder';

/** An object, or the list around the objects, exceeds its limit. */
export class ItemTooLarge extends Error {
  override readonly name = 'ItemTooLarge';
}

/** A field of an object that is omitted, by its key. */
interface Unread {
  readonly key: Buffer;
  /** The field is kept if it contains this. */
  readonly unless?: RegExp;
}

/**
 * The fields of an Application that are not read, by their depth in the object, which are most of it: the field managers, the
 * tree of resources, and the result of a sync in which nothing failed.
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
/** For each byte, whether it can be skipped outside of a string. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  [quote, openBrace, closeBrace, openBracket, closeBracket].includes(byte) ? 0 : 1,
);

/** The depth of the items: within the list's object and its array. */
const itemsDepth = 2;

/**
 * Reads a Kubernetes list object by object, as its bytes arrive: a page of large objects is never in memory as one text, and
 * the fields that are not read are omitted before the object is parsed, which would take most of the time.
 *
 * It only distinguishes strings from structure; `JSON.parse` checks the rest. A key that is split between two chunks is not
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
  /** The object that has started. */
  #item: Buffer[] = [];
  #length = 0;
  /** The value in it that is omitted, where it started, and the part that is kept until its end. */
  #omitted: { readonly depth: number; readonly unless: RegExp | undefined; readonly bytes: Buffer[] } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The objects that end in this chunk. Throws if one is larger than the limit or not JSON. */
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
    // Only a comma is between two objects.
    if (!this.#isInItems || this.#depth > itemsDepth) this.#keep(chunk, from, chunk.length);
    return items;
  }

  /** The position of the next brace or bracket outside of a string, or the end of the chunk. */
  #skip(chunk: Buffer, start: number): number {
    // Every byte of every list passes here, hence the tight loops.
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

  /** The list itself, with an empty array instead of its items. Throws if it has not ended. */
  end(): unknown {
    if (this.#depth !== 0 || this.#around === '') throw new Error('the list ended in the middle');
    return JSON.parse(this.#around);
  }

  /** A value starts at this depth; returns from where the chunk is kept. */
  #opened(chunk: Buffer, from: number, at: number): number {
    const depth = this.#depth;
    if (this.#omitted) return from;
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
    this.#omitted = { depth, unless: found.unless, bytes: [] };
    return at;
  }

  /** A value ends, back at this depth; returns from where the chunk is kept. */
  #closed(chunk: Buffer, from: number, at: number, items: unknown[]): number {
    const depth = this.#depth;
    if (this.#omitted) {
      if (depth > this.#omitted.depth) return from;
      this.#keep(chunk, from, at + 1);
      const { bytes, unless } = this.#omitted;
      this.#omitted = undefined;
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
    } else if (!this.#omitted || this.#omitted.unless) {
      (this.#omitted?.bytes ?? this.#item).push(bytes);
      this.#length += bytes.length;
      this.#within(this.#length);
    }
  }

  #within(length: number): void {
    if (length > this.#limit) throw new ItemTooLarge(`an object of the list has more than ${this.#limit} bytes`);
  }
}
