import type { ImageTarget } from './target.js';

/** The keys, and the indexes of lists, from the root of a YAML file to one of its values. */
export type KeyPath = Extract<ImageTarget, { kind: 'value' }>['path'];

const segment = /\.?(?:"((?:[^"\\]|\\.)*)"|([^.[\]"\s]+))|\[(\d{1,6})\]/y;

/**
 * Reads the path to a value as people write it: `image.tag`, `containers[1].image`, `"a.b".tag`. Undefined if the text is
 * not a path.
 */
export function parseKeyPath(text: string): KeyPath | undefined {
  const path: KeyPath = [];
  segment.lastIndex = 0;
  while (segment.lastIndex < text.length) {
    const isFirst = segment.lastIndex === 0;
    const found = segment.exec(text);
    if (!found) return undefined;
    const isIndex = found[3] !== undefined;
    const hasDot = found[0].startsWith('.');
    // A key follows a dot, except for the first one; an index follows a key.
    if (isFirst ? isIndex || hasDot : !isIndex && !hasDot) return undefined;
    const [, quoted, plain, index] = found;
    path.push(index === undefined ? (quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '') : Number(index));
  }
  return path.length > 0 && path.length <= 30 ? path : undefined;
}

/** The path as people write it. */
export function formatKeyPath(path: KeyPath): string {
  return path
    .map((key, at) => {
      if (typeof key === 'number') return `[${key}]`;
      const spelled = /^[^.[\]"\s]+$/.test(key) ? key : JSON.stringify(key);
      return at === 0 ? spelled : `.${spelled}`;
    })
    .join('');
}
