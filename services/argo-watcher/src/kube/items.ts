import { StringDecoder } from 'node:string_decoder';

/** An object, or the list around the objects, exceeds its limit. */
class ItemTooLarge extends Error {
  override readonly name = 'ItemTooLarge';
}

/** A field of an object that is omitted, by its key. */
interface Unread {
  readonly key: Buffer;
  /** The field is kept if it contains one of these. */
  readonly unless?: readonly string[];
}

const unread = (key: string, unless?: readonly string[]): Unread => ({
  key: Buffer.from(`"${key}":`),
  ...(unless && { unless }),
});

/**
 * The fields of an Application that are not read, by their depth in the object, which are most of it: the field managers, the
 * tree of resources, the result of a sync in which nothing failed, and the sources of that sync and of the deployments before it.
 */
const unreadAt: readonly (readonly Unread[] | undefined)[] = [
  undefined,
  undefined,
  [unread('managedFields'), unread('resources')],
  undefined,
  [unread('source'), unread('sources'), unread('resources', ['Failed', 'Error'])],
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
  /**
   * The bytes of the object that has started, of which `#length` are used. All objects share the buffer: to allocate one for
   * each costs as much as a third of its parsing.
   */
  #item = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  /** The value in it that may be omitted, and where it starts in the object. */
  #omitted:
    | { readonly depth: number; readonly unless: readonly string[] | undefined; readonly start: number }
    | undefined;

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
    // Every byte of every list passes here, hence the tight loops on local variables.
    const end = chunk.length;
    let at = start;
    let isInString = this.#isInString;
    if (this.#isEscaped && at < end) {
      this.#isEscaped = false;
      at++;
    }
    for (;;) {
      if (isInString) {
        while (at < end && chunk[at] !== quote) at += chunk[at] === backslash ? 2 : 1;
        if (at >= end) {
          this.#isInString = true;
          this.#isEscaped ||= at > end;
          return end;
        }
        at++;
      }
      while (at < end && isPlain[chunk[at] as number]) at++;
      isInString = at < end && chunk[at] === quote;
      if (!isInString) {
        this.#isInString = false;
        return at;
      }
      at++;
    }
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
    const left = chunk[at - 1] === colon ? unreadAt[depth - itemsDepth] : undefined;
    const found = left?.find(({ key }) => endsWith(chunk, at, key));
    if (!found) return from;
    this.#keep(chunk, from, at);
    this.#omitted = { depth, unless: found.unless, start: this.#length };
    return at;
  }

  /** A value ends, back at this depth; returns from where the chunk is kept. */
  #closed(chunk: Buffer, from: number, at: number, items: unknown[]): number {
    const depth = this.#depth;
    if (this.#omitted) {
      if (depth > this.#omitted.depth) return from;
      this.#keep(chunk, from, at + 1);
      const { start, unless } = this.#omitted;
      this.#omitted = undefined;
      const value = this.#item.subarray(start, this.#length);
      if (unless?.some((word) => value.includes(word))) return at + 1;
      this.#length = start;
      this.#keep(nothing, 0, nothing.length);
      return at + 1;
    }
    if (!this.#isInItems || depth > itemsDepth) return from;
    if (depth < itemsDepth) {
      this.#isInItems = false;
      return at;
    }
    this.#keep(chunk, from, at + 1);
    items.push(JSON.parse(this.#item.toString('utf8', 0, this.#length)));
    this.#length = 0;
    return at + 1;
  }

  #isItemsKey(chunk: Buffer, from: number, at: number): boolean {
    return /"items"\s*:\s*$/.test(this.#around.slice(-16) + chunk.toString('latin1', Math.max(from, at - 16), at));
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    if (from >= to) return;
    if (!this.#isInItems) {
      this.#around += this.#decoder.write(chunk.subarray(from, to));
      this.#within(this.#around.length);
    } else if (!this.#omitted || this.#omitted.unless) {
      const length = this.#length + to - from;
      this.#within(length);
      if (length > this.#item.length) this.#grow(length);
      chunk.copy(this.#item, this.#length, from, to);
      this.#length = length;
    }
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#item.length));
    this.#item.copy(larger, 0, 0, this.#length);
    this.#item = larger;
  }

  #within(length: number): void {
    if (length > this.#limit) throw new ItemTooLarge(`an object of the list has more than ${this.#limit} bytes`);
  }
}

/** Whether these bytes are in the chunk right before this place. Most often the last one differs already. */
function endsWith(chunk: Buffer, at: number, key: Buffer): boolean {
  for (let back = 1; back <= key.length; back++) {
    if (chunk[at - back] !== key[key.length - back]) return false;
  }
  return true;
}
