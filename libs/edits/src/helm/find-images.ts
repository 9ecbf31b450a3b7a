import type { KeyPath } from '@k8sta/contracts';
import { splitReference } from '../reference.js';
import { isMapping } from './layers.js';

/** An image in the values of a chart, in one of the ways in which charts name one. */
export interface ValuesImage {
  /** The whole reference, without a tag where the chart takes its appVersion. */
  readonly image: string;
  /** The value to change: a tag, or the whole reference. */
  readonly path: KeyPath;
  readonly holds: 'tag' | 'reference';
  /** The digest that pins it, where it has a key of its own. */
  readonly digestPath?: KeyPath;
}

/** A person writes no more; aliases can make a few lines grow to any size. */
const maxNodes = 50_000;

/** Keys whose texts are no images that the chart runs by itself. */
const isNeverImage =
  /^(env|envs|extraEnv|envVars|environment|args|extraArgs|command|annotations|labels|podAnnotations|podLabels)$/i;

/**
 * Finds the images in merged values: a repository with the tag beside it, or a whole reference under a key of images.
 * `isGlobal`: the registry of `global.imageRegistry` stands before every repository.
 */
export function imagesIn(values: unknown, isGlobal: boolean): ValuesImage[] {
  const registry =
    isGlobal && isMapping(values) && isMapping(values['global'])
      ? textOf(values['global']['imageRegistry'])
      : undefined;
  const found: ValuesImage[] = [];
  let nodes = 0;
  const visit = (node: unknown, path: KeyPath): void => {
    if (++nodes > maxNodes || typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      const isImages = /images?$/i.test(String(path.findLast((key) => typeof key === 'string') ?? ''));
      node.forEach((item, index) => {
        if (isImages && isWhole(item)) found.push({ image: item, path: [...path, index], holds: 'reference' });
        else visit(item, [...path, index]);
      });
      return;
    }
    const mapping = node as Record<string, unknown>;
    found.push(...repositoriesIn(mapping, path, registry));
    const isImages = /images$/i.test(String(path.at(-1) ?? ''));
    for (const [key, value] of Object.entries(mapping)) {
      if (isNeverImage.test(key)) continue;
      if ((isImages || /image$/i.test(key)) && isWhole(value)) {
        found.push({ image: value, path: [...path, key], holds: 'reference' });
      } else visit(value, [...path, key]);
    }
  };
  visit(values, []);
  return found;
}

/** How charts call the parts of an image, in one mapping with the same prefix: `repository` and `tag`, `imageRepo` and `imageTag`. */
const repositoryKey = /^(.*?)(repository|repo)$/i;

function repositoriesIn(mapping: Record<string, unknown>, path: KeyPath, global: string | undefined): ValuesImage[] {
  return Object.keys(mapping).flatMap((key): ValuesImage[] => {
    const [, prefix = undefined] = repositoryKey.exec(key) ?? [];
    const names = prefix === undefined ? barely(mapping, key) : partsWith(mapping, prefix);
    const repository = textOf(mapping[key]);
    if (!names || !repository || repository.includes('://') || splitReference(repository).tag) return [];
    const registry = global ?? textOf(mapping[names.registry]);
    const [tag, digest] = [tagOf(mapping[names.tag]), textOf(mapping[names.digest])];
    const image = `${registry ? `${registry}/` : ''}${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
    return [
      {
        ...{ image, path: [...path, names.tag], holds: 'tag' as const },
        ...(digest && { digestPath: [...path, names.digest] }),
      },
    ];
  });
}

/** `{image: ghcr.io/acme/shop, tag: 1.0.0}` and `{name: ghcr.io/acme/shop, tag: 1.0.0}`. */
function barely(mapping: Record<string, unknown>, key: string) {
  if (!/^(image|name)$/.test(key) || !String(mapping[key]).includes('/')) return undefined;
  const tag = ['tag', 'imageTag', 'image_tag'].find((each) => each in mapping);
  return tag === undefined ? undefined : { registry: 'registry', tag, digest: 'digest' };
}

function partsWith(mapping: Record<string, unknown>, prefix: string) {
  // `image_` and `image-` ask for lower case, `image` for `imageTag`.
  const called = (part: string) =>
    prefix === '' || /[_-]$/.test(prefix) ? `${prefix}${part}` : `${prefix}${part[0]?.toUpperCase()}${part.slice(1)}`;
  const names = { registry: called('registry'), tag: called('tag'), digest: called('digest') };
  // With a prefix, only a tag beside it shows that the repository is one of images.
  return prefix === '' || names.tag in mapping ? names : undefined;
}

function isWhole(value: unknown): value is string {
  if (typeof value !== 'string' || /\s|\{\{/.test(value)) return false;
  const { tag, digest } = splitReference(value);
  return (tag ?? digest) !== undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function tagOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : textOf(value);
}
