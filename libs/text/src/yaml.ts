import { type CST, Lexer, Parser } from 'yaml';

/** How many levels YAML may nest: more than people write. */
export const deepestNesting = 256;

/** YAML that nests one level too many at this offset. */
export class NestedTooDeeply extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super('YAML is nested too deeply');
    this.offset = offset;
  }
}

/**
 * The tokens of YAML from outside, for the composer of the library. Throws {@link NestedTooDeeply} before it passes on a document
 * that nests too many levels: the composer is recursive, and at the end of the stack V8 may abort the process, when it compiles a
 * regular expression there, instead of throwing a RangeError. `onNewLine` is told where each line begins.
 */
export function* tokensOf(text: string, onNewLine?: (offset: number) => void): Generator<CST.Token> {
  const parser = new Parser(onNewLine);
  onNewLine?.(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > deepestNesting) throw new NestedTooDeeply(parser.offset - lexeme.length);
  }
  yield* parser.end();
}

/** A level begins with one of these. */
const indicators = /[[{?:-]/g;

/** The offset at which YAML nests too many levels; undefined if it does not. For who parses it by the library as a whole. */
export function tooDeepAt(text: string): number | undefined {
  if ((text.match(indicators)?.length ?? 0) <= deepestNesting) return undefined;
  try {
    for (const _ of tokensOf(text));
    return undefined;
  } catch (error) {
    if (error instanceof NestedTooDeeply) return error.offset;
    throw error;
  }
}
