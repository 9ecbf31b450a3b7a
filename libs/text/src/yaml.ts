import { Lexer, Parser } from 'yaml';

/** How many levels YAML may nest: more than people write. */
export const deepestNesting = 256;

/** A level begins with one of these. */
const indicators = /[[{?:-]/g;

/**
 * The offset at which YAML nests too many levels; undefined if it does not. Text from outside must be checked before it is
 * parsed: the parser is recursive, and at the end of the stack V8 may abort the process, when it compiles a regular expression
 * there, instead of throwing a RangeError.
 */
export function tooDeepAt(text: string): number | undefined {
  if ((text.match(indicators)?.length ?? 0) <= deepestNesting) return undefined;
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // Its documents are not needed, only how far it is.
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > deepestNesting) return parser.offset - lexeme.length;
  }
  return undefined;
}
