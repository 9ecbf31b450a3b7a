import type { KeyPath } from '@k8sta/contracts';
import { filesBelow, join, type Tree } from '../tree.js';
import { isMapping, valueIn } from './layers.js';

/** The text of a chart's templates, by which it is known what the chart never reads. */
export class Templates {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether a word of the templates is this key. */
  mention(key: string): boolean {
    return this.#has(`(?<![\\w-])${escaped(key)}(?![\\w-])`);
  }

  /** Whether the templates could read the values at this path. `below`: those of a subchart begin there. */
  read(path: KeyPath, below: number): boolean {
    const first = path[below];
    // `range .Values` and `index .Values $name` read every key.
    return typeof first !== 'string' || this.mention(first) || this.#has('\\.Values(?![\\w.])');
  }

  /** Whether a mapping on the way to the image says `enabled: false`, and the templates ask for that. */
  isOff(values: unknown, path: KeyPath): boolean {
    return path.slice(0, -1).some((key, at) => {
      const mapping = valueIn(values, path.slice(0, at + 1));
      if (!isMapping(mapping) || mapping['enabled'] !== false) return false;
      return this.#has(`(?<![\\w-])${escaped(String(key))}\\.enabled(?!\\w)`) || this.#has('[\\s(]\\.enabled(?!\\w)');
    });
  }

  /** What the templates write before and behind the tag: `v` in `:v{{ .Values.image.tag }}`. */
  around(key: string): { before: string | undefined; behind: string | undefined } {
    const name = escaped(key);
    const before = new RegExp(`:([\\w.-]+)\\{\\{[^}]*[.\\s]${name}(?![\\w-])`).exec(this.#text)?.[1];
    const behind = new RegExp(`[.\\s]${name}(?![\\w-])[^}]*\\}\\}([\\w.-]+)`).exec(this.#text)?.[1];
    return { before, behind };
  }

  #has(pattern: string): boolean {
    return new RegExp(pattern).test(this.#text);
  }
}

/** The templates of a chart and its subcharts; undefined where they are not all text in the repository. */
export async function templatesOf(tree: Tree, directories: readonly string[]): Promise<Templates | undefined> {
  const texts: string[] = [];
  for (const directory of directories) {
    for (const name of await tree.list(join(directory, 'charts'))) {
      if (/\.tgz$/.test(name)) return undefined;
    }
    for (const file of await filesBelow(tree, join(directory, 'templates'))) {
      const entry = await tree.entry(file);
      if (entry?.is !== 'file') return undefined;
      texts.push(entry.text);
    }
  }
  return texts.length > 0 ? new Templates(texts.join('\n')) : undefined;
}

function escaped(text: string): string {
  return text.replaceAll(/[^\w]/g, '\\$&');
}
