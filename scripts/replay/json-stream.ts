/** One JSON object or array of a stream, and the line at which it begins. */
export interface JsonText {
  readonly text: string;
  readonly line: number;
}

/** The input is not a stream of JSON objects; `line` is where the fault is found. */
export class JsonStreamFault extends Error {
  readonly line: number;

  constructor(line: number, what: string) {
    super(what);
    this.line = line;
  }
}

/** The largest object in characters; etcd accepts at most 1.5 MB. */
const textLimit = 16 * 1024 * 1024;

/**
 * Divides a stream into its objects: one per line, or pretty-printed one after the other, as `kubectl --watch -o json`
 * prints them. It does not validate the objects: JSON.parse does that.
 */
export class JsonDivider {
  #text = '';
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #line = 1;
  #beginLine = 1;

  push(chunk: string): JsonText[] {
    const found: JsonText[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const char = chunk.charAt(at);
      if (char === '\n') this.#line += 1;
      if (this.#depth === 0) {
        if (/[\s\uFEFF]/.test(char)) continue;
        if (char !== '{' && char !== '[') {
          throw new JsonStreamFault(this.#line, `expected a JSON object, found ${JSON.stringify(char)}`);
        }
        from = at;
        this.#beginLine = this.#line;
        this.#text = '';
      }
      this.#take(char);
      if (this.#depth === 0) {
        found.push({ text: this.#text + chunk.slice(from, at + 1), line: this.#beginLine });
        this.#text = '';
      }
    }
    if (this.#depth > 0) this.#keep(chunk.slice(from));
    return found;
  }

  end(): void {
    if (this.#depth > 0) throw new JsonStreamFault(this.#beginLine, 'the object that begins here does not end');
  }

  #take(char: string): void {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (char === '\\') this.#isEscaped = true;
      else if (char === '"') this.#inString = false;
      return;
    }
    if (char === '"') this.#inString = true;
    else if (char === '{' || char === '[') this.#depth += 1;
    else if (char === '}' || char === ']') this.#depth -= 1;
  }

  #keep(text: string): void {
    this.#text += text;
    if (this.#text.length > textLimit) {
      throw new JsonStreamFault(this.#beginLine, `the object that begins here has more than ${textLimit} characters`);
    }
  }
}
