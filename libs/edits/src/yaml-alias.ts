import { type Document, isAlias, visit } from 'yaml';
import { NotYaml } from './file-invalid.js';

/** What each alias of a document stands for. Documents never change after they are parsed. */
const known = new WeakMap<Document, ReadonlyMap<unknown, unknown>>();

/** The node, or what it stands for if it is an alias. `Alias.resolve` would search the whole document for each alias. */
export function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? aliasesOf(document).get(node) : node;
}

/**
 * Reads the aliases of a document. Throws {@link NotYaml} for an alias without an anchor, or within the value that it
 * stands for: go-yaml, by which kustomize, Helm and Argo CD read files, refuses both.
 */
export function aliasesOf(document: Document): ReadonlyMap<unknown, unknown> {
  const found = known.get(document) ?? readAliases(document);
  known.set(document, found);
  return found;
}

function readAliases(document: Document): ReadonlyMap<unknown, unknown> {
  const anchors = new Map<string, unknown>();
  const aliases = new Map<unknown, unknown>();
  visit(document, {
    Node(_key, node, path) {
      if (isAlias(node)) {
        const { source } = node;
        if (!anchors.has(source)) throw new NotYaml(`is not valid YAML: an alias names the unknown anchor "${source}"`);
        const target = anchors.get(source);
        if ((path as readonly unknown[]).includes(target)) {
          throw new NotYaml(`is not valid YAML: the anchor "${source}" contains itself`);
        }
        aliases.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return aliases;
}
