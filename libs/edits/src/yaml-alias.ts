import { type Document, isAlias, visit } from 'yaml';
import { NotYaml } from './file-invalid.js';

/** By document: the node that each alias refers to. Nobody changes a document after it was parsed. */
const known = new WeakMap<Document, ReadonlyMap<unknown, unknown>>();

/** The node itself, or the node that an alias refers to. `Alias.resolve` would search the whole document for each alias. */
export function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? known.get(document)?.get(node) : node;
}

/**
 * Reads the aliases of a document, for {@link resolved}. Throws {@link NotYaml} for an alias without an anchor, or within
 * the value that it stands for: go-yaml, by which kustomize, Helm and Argo CD read files, refuses both. The message does
 * not name it, because a password that begins with `*` is one.
 */
export function readAliases(document: Document, place: (offset: number) => string): void {
  const anchors = new Map<string, unknown>();
  const aliases = new Map<unknown, unknown>();
  visit(document, {
    Node(_key, node, path) {
      if (isAlias(node)) {
        const where = place(node.range?.[0] ?? 0);
        if (!anchors.has(node.source)) throw new NotYaml(`is not valid YAML: an alias has no anchor (${where})`);
        const target = anchors.get(node.source);
        if ((path as readonly unknown[]).includes(target)) {
          throw new NotYaml(`is not valid YAML: an alias is within its own anchor (${where})`);
        }
        aliases.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  known.set(document, aliases);
}
