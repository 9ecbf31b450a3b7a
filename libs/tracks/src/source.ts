import { sanitizeLine } from '@k8sta/text';
import { tooDeepAt } from '@k8sta/text/yaml';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Fault } from './fault.js';
import type { Path } from './path.js';
import { unclosedBrackets } from './unclosed.js';

/** The text of a tracks file. */
export interface TracksFile {
  readonly path: string;
  readonly text: string;
}

/** A file that is valid YAML: its value, and the position of each part in the text. */
export interface Source {
  readonly value: unknown;
  /** Makes a fault at the value of this path, or at a key of the mapping there. */
  faultAt(path: Path, message: string, key?: string): Fault;
}

/** Parses YAML. Every syntax error and every exception of the parser becomes a fault. */
export function readSource({ path: file, text }: TracksFile): { source: Source } | { faults: Fault[] } {
  const lines = new LineCounter();
  const fault = (offset: number, message: string): Fault => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), message };
  };
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== undefined) return { faults: [fault(tooDeep, 'is nested too deeply')] };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    // A warning (an unknown !tag) means that the value differs from what the person wrote.
    const errors = [...document.errors, ...document.warnings];
    if (errors.length > 0) {
      const unclosed = unclosedBrackets(text);
      const others = errors
        .filter(({ message }) => unclosed.length === 0 || !/^Flow (map|sequence) .*end with a/.test(message))
        .map(({ code, pos, message }) => ({ offset: pos[0], message: sanitizeLine(wordingOf(code, message), 200) }));
      return {
        faults: [...unclosed, ...others].map(({ offset, message }) => fault(offset, `is not valid YAML: ${message}`)),
      };
    }
    const value: unknown = document.toJS();
    return {
      source: { value, faultAt: (path, message, key) => fault(offsetOf(document, path, key), message) },
    };
  } catch (error) {
    // An alias bomb.
    return { faults: [fault(0, `cannot be read as YAML: ${sanitizeLine((error as Error).message, 200)}`)] };
  }
}

function wordingOf(code: string, message: string): string {
  return code === 'MULTIPLE_DOCS' ? 'the file must be one document; move the second one to another file' : message;
}

/** The offset of the deepest part of the path that exists. */
function offsetOf(document: Document.Parsed, path: Path, key?: string): number {
  let node: Node | null = resolve(document, document.contents);
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    node = resolve(document, childOf(node, step));
    if (!node) return offset;
    offset = node.range?.[0] ?? offset;
  }
  return key === undefined ? offset : (keyOf(node, key)?.range?.[0] ?? offset);
}

function resolve(document: Document.Parsed, node: unknown): Node | null {
  return (isAlias(node) ? node.resolve(document) : (node as Node | null)) ?? null;
}

function childOf(node: Node | null, step: PropertyKey): unknown {
  if (isSeq(node)) return node.items[Number(step)];
  return isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step)?.value : undefined;
}

function keyOf(node: Node | null, name: string): Node | undefined {
  const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === name) : undefined;
  return pair?.key as Node | undefined;
}
