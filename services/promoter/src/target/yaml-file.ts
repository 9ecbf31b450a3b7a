import { type Document, isScalar, LineCounter, parseDocument, type Scalar } from 'yaml';
import { FileInvalid } from './file-invalid.js';
import { formatScalar, type Quote } from './yaml-scalar.js';

/** A YAML file with the place of each node in its text, so that an edit changes no other byte. */
export interface YamlFile {
  readonly text: string;
  readonly document: Document;
  /** `line 3, column 5`, for people. */
  place(offset: number): string;
}

/** Replaces the text from `start` to `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** People write these files; a larger file is something else. */
const maxCharacters = 1024 * 1024;

/** Parses a file of one YAML document. Throws {@link FileInvalid} with line and column. */
export function parseYaml(text: string): YamlFile {
  if (text.length > maxCharacters) throw new FileInvalid(`has more than ${maxCharacters} characters`);
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  let document: Document;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, keepSourceTokens: true });
  } catch (error) {
    // The parser is recursive, and thousands of nested brackets exhaust its stack.
    if (error instanceof RangeError) throw new FileInvalid('is nested too deeply to be read');
    throw error;
  }
  const [fault] = document.errors;
  if (fault) {
    // Text in a block scalar may look like a conflict mark, so search only a file that does not parse.
    const conflict = text.search(/^(<{7}|>{7})( |\r?$)/m);
    if (conflict >= 0) {
      throw new FileInvalid(`has the marks of a merge conflict (line ${lines.linePos(conflict).line})`);
    }
    throw new FileInvalid(`is not valid YAML: ${fault.message} (${place(fault.pos[0])})`);
  }
  return { text, document, place };
}

/** Applies the splices, which must not overlap. */
export function splice(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .sort((a, b) => b.start - a.start)
    .reduce((sofar, { start, end, text: put }) => sofar.slice(0, start) + put + sofar.slice(end), text);
}

/** Replaces the text of a scalar and keeps its quotes. */
export function replaceScalar(file: Pick<YamlFile, 'text' | 'place'>, node: unknown, text: string): Splice {
  const scalar = scalarOf(file, node);
  const [start, end] = rangeOf(scalar);
  // `newTag:` with nothing after it: the colon is followed by the end of the line.
  const padding = start === end && !/\s/.test(file.text[start - 1] ?? '') ? ' ' : '';
  return { start, end, text: padding + formatScalar(text, quoteOf(file, scalar)) };
}

/** The node as a scalar that may be edited. Aliases and anchors are used elsewhere too, and a tag changes the meaning. */
export function scalarOf(file: Pick<YamlFile, 'place'>, node: unknown): Scalar {
  const offset = offsetOf(node) ?? 0;
  if (!isScalar(node)) throw new FileInvalid(`an alias or a nested value cannot be edited (${file.place(offset)})`);
  if (node.anchor !== undefined || node.tag !== undefined) {
    throw new FileInvalid(`a value with an anchor or a tag cannot be edited (${file.place(offset)})`);
  }
  return node;
}

export function rangeOf(scalar: Scalar): [start: number, end: number] {
  const [start, end] = scalar.range ?? [0, 0];
  return [start, end];
}

export function quoteOf(file: Pick<YamlFile, 'place'>, scalar: Scalar): Quote {
  switch (scalar.type) {
    case 'QUOTE_DOUBLE':
      return '"';
    case 'QUOTE_SINGLE':
      return "'";
    case 'PLAIN':
    case undefined:
      return '';
    default:
      throw new FileInvalid(`a block of text cannot be edited (${file.place(rangeOf(scalar)[0])})`);
  }
}

/** The offset of the start of a node. */
export function offsetOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null } | null)?.range?.[0];
}
