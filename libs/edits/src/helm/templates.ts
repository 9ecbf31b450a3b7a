import type { KeyPath } from '@k8sta/contracts';
import { remembered } from '../remembered.js';
import { filesBelow, join, type Tree } from '../tree.js';
import { isMapping, valueIn } from './layers.js';

/** The templates of a chart, by which it is known what the chart never reads. */
export class Templates {
  readonly #words: Words;

  constructor(text: string) {
    this.#words = wordsOf(text);
  }

  /** Whether the templates have the words of this key. */
  mention(key: string): boolean {
    return (key.match(/[\w-]+/g) ?? []).every((each) => this.#words.all.has(each));
  }

  /** Whether the templates could read the values at this path. `below`: those of a subchart begin there. */
  read(path: KeyPath, below: number): boolean {
    const first = path[below];
    return typeof first !== 'string' || this.mention(first) || this.#words.isEveryKeyRead;
  }

  /** Whether a mapping on the way to the image says `enabled: false`, and the templates ask for that. */
  isOff(values: unknown, path: KeyPath): boolean {
    const { switches, isSwitchOfScopeRead } = this.#words;
    return path.slice(0, -1).some((key, at) => {
      const mapping = valueIn(values, path.slice(0, at + 1));
      if (!isMapping(mapping) || mapping['enabled'] !== false) return false;
      return isSwitchOfScopeRead || switches.has(String(key));
    });
  }

  /** What the templates write before and behind the tag: `v` in `:v{{ .Values.image.tag }}`. */
  around(key: string): { before: string | undefined; behind: string | undefined } {
    return { before: this.#words.before.get(key), behind: this.#words.behind.get(key) };
  }
}

/** What is asked of the text of templates. Each search is made once, because values may have very many images. */
interface Words {
  readonly all: ReadonlySet<string>;
  /** `range .Values` and `index .Values $name` read every key. */
  readonly isEveryKeyRead: boolean;
  /** The keys before `.enabled`. */
  readonly switches: ReadonlySet<string>;
  /** `with .Values.image` and then `.enabled`. */
  readonly isSwitchOfScopeRead: boolean;
  /** What is directly before and behind the first braces that read a key. */
  readonly before: ReadonlyMap<string, string>;
  readonly behind: ReadonlyMap<string, string>;
}

const wordsOf = remembered((text): Words => {
  const [before, behind] = [new Map<string, string>(), new Map<string, string>()];
  for (const [, start, inside = '', end] of text.matchAll(/(?::([\w.-]+))?\{\{([^{}]*)\}\}([\w.-]+)?/g)) {
    for (const [, key = ''] of inside.matchAll(/[.\s]([\w-]+)/g)) {
      if (start !== undefined && !before.has(key)) before.set(key, start);
      if (end !== undefined && !behind.has(key)) behind.set(key, end);
    }
  }
  const dotted = (text.match(/[\w.-]+/g) ?? []).filter((each) => each.includes('.enabled'));
  return {
    all: new Set(text.match(/[\w-]+/g)),
    isEveryKeyRead: /\.Values(?![\w.])/.test(text),
    switches: new Set(
      dotted.flatMap((each) => {
        const keys = each.split('.');
        return keys.filter((_, at) => keys[at + 1] === 'enabled');
      }),
    ),
    isSwitchOfScopeRead: /[\s(]\.enabled(?!\w)/.test(text),
    before,
    behind,
  };
}, 1024 * 1024);

/** The files of a chart that become manifests. */
export interface ChartFiles {
  readonly texts: readonly (readonly [file: string, text: string])[];
  /** Undefined where they are not all text in the repository. */
  readonly templates: Templates | undefined;
}

/** The files of a chart and its subcharts that become manifests: those in `templates`, and in `crds` as they are. */
export async function chartFilesOf(tree: Tree, directories: ReadonlySet<string>): Promise<ChartFiles> {
  const texts: [file: string, text: string][] = [];
  const templates: string[] = [];
  let isComplete = true;
  for (const directory of directories) {
    for (const name of await tree.list(join(directory, 'charts'))) if (name.endsWith('.tgz')) isComplete = false;
    for (const part of ['templates', 'crds']) {
      for (const file of await filesBelow(tree, join(directory, part))) {
        const entry = await tree.entry(file);
        if (entry?.is === 'file') texts.push([file, entry.text]);
        if (part === 'crds') continue;
        if (entry?.is === 'file') templates.push(entry.text);
        else isComplete = false;
      }
    }
  }
  return { texts, templates: isComplete && templates.length > 0 ? new Templates(templates.join('\n')) : undefined };
}
