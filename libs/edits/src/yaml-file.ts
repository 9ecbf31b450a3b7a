import { NestedTooDeeply, tokensOf } from '@k8sta/text/yaml';
import { Composer, type Document, isScalar, LineCounter, type Scalar, type SchemaOptions, visit } from 'yaml';
import { FileInvalid, NotYaml } from './file-invalid.js';
import { remembered } from './remembered.js';
import { readAliases } from './yaml-alias.js';
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

/** A file of any number of documents. */
export interface YamlFiles extends Omit<YamlFile, 'document'> {
  readonly documents: readonly Document[];
}

/** `merge`: `<<` merges a mapping into another one, as in YAML 1.1. */
export type YamlOptions = Pick<SchemaOptions, 'merge'>;

/** Parses a file of one YAML document. Throws {@link FileInvalid} with line and column. */
export function parseYaml(text: string, options: YamlOptions = {}): YamlFile {
  const { documents, ...file } = parseYamls(text, options);
  const [document, more] = documents;
  if (document === undefined) throw new FileInvalid('cannot be read');
  if (more) throw new FileInvalid(`has several YAML documents (${file.place(more.range?.[0] ?? 0)})`);
  return { ...file, document };
}

/** A parsed file takes about 90 bytes of memory for each of its characters. */
const maxRemembered = 128 * 1024;

const readers = {
  merging: remembered((text) => readYamls(text, { merge: true }), maxRemembered),
  plain: remembered((text) => readYamls(text, {}), maxRemembered),
};

/**
 * Parses a file of YAML documents: at least one, which may be empty. Throws {@link FileInvalid} with line and column. The
 * documents are shared with later callers, so nobody may change them.
 */
export function parseYamls(text: string, { merge = false }: YamlOptions = {}): YamlFiles {
  return merge ? readers.merging(text) : readers.plain(text);
}

function readYamls(text: string, options: YamlOptions): YamlFiles {
  if (text.length > maxCharacters) throw new FileInvalid(`has more than ${maxCharacters} characters`);
  const lines = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  const documents = parsed(text, lines, options);
  const fault = documents.flatMap(({ errors }) => errors)[0];
  if (fault) {
    // Text in a block scalar may look like a conflict mark, so search only a file that does not parse.
    const conflict = text.search(/^(<{7}|>{7})( |\r?$)/m);
    if (conflict >= 0) throw new NotYaml(`has the marks of a merge conflict (line ${lines.linePos(conflict).line})`);
    // Behind a colon, some messages quote the file, and the text there may be a secret.
    const [what] = fault.message.split(': ', 1);
    throw new NotYaml(`is not valid YAML: ${what} (${place(fault.pos[0])})`);
  }
  const repeated = documents.map(repeatedKey).find((key) => key !== undefined);
  if (repeated !== undefined)
    throw new NotYaml(`is not valid YAML: Map keys must be unique (${place(offsetOf(repeated) ?? 0)})`);
  if (/[&*]/.test(text)) for (const each of documents) readAliases(each, place);
  return { text, documents, place };
}

/** The second of two equal keys of a mapping. */
function repeatedKey(document: Document): unknown {
  let repeated: unknown;
  visit(document, {
    Map(_, { items }) {
      const known = new Set<unknown>();
      repeated = items.find(({ key }) => {
        const name = isScalar(key) ? key.value : key;
        const isKnown = known.has(name);
        known.add(name);
        return isKnown;
      })?.key;
      return repeated === undefined ? undefined : visit.BREAK;
    },
  });
  return repeated;
}

/** The plain data of a document. Throws {@link FileInvalid} where a few lines of aliases would grow to any size. */
export function plainData(document: Document): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (error instanceof ReferenceError) throw new FileInvalid('has too many aliases');
    throw error;
  }
}

function parsed(text: string, lineCounter: LineCounter, options: YamlOptions): Document.Parsed[] {
  // The library compares each key with all others, so repeatedKey does that.
  const composer = new Composer({ prettyErrors: false, keepSourceTokens: true, uniqueKeys: false, ...options });
  try {
    // An empty file is an empty document.
    return [...composer.compose(tokensOf(text, lineCounter.addNewLine), true, text.length)];
  } catch (error) {
    if (error instanceof NestedTooDeeply) throw new FileInvalid('is nested too deeply to be read');
    throw error;
  }
}

/** Applies the splices, which must not overlap. */
export function splice(text: string, splices: readonly Splice[]): string {
  let [edited, from] = ['', 0];
  // What is inserted where another splice starts comes before it.
  for (const { start, end, text: put } of [...splices].sort((a, b) => a.start - b.start || a.end - b.end)) {
    edited += text.slice(from, start) + put;
    from = end;
  }
  return edited + text.slice(from);
}

/** Replaces the text of a scalar and keeps its quotes. `isAnchored`: aliases of the value may change along with it. */
export function replaceScalar(
  file: Pick<YamlFile, 'text' | 'place'>,
  node: unknown,
  text: string,
  isAnchored = false,
): Splice {
  const scalar = isAnchored && isScalar(node) && node.tag === undefined ? node : scalarOf(file, node);
  const [start, end] = rangeOf(scalar);
  if (start === end && file.text[start] === '#') {
    // `newTag: # a comment`
    const at = file.text.slice(0, start).trimEnd().length;
    return { start: at, end: at, text: ` ${formatScalar(text, quoteOf(file, scalar))}` };
  }
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
