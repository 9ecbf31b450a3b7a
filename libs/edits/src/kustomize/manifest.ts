import { type Document, isMap, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml';
import { containerLists, type nodeCounter } from '../manifest/containers.js';
import { resolved } from '../yaml-alias.js';
import { Text } from './text.js';

/** Data of YAML in which a {@link Text} is the value of `image`. */
export type Data = Record<string, unknown>;

/** An object of a build. */
export interface Manifest {
  data: Data;
  /** Its name in the file, and those that kustomizations gave it: a patch may use each of them. */
  readonly names: string[];
  /** An entry of `images` that matched nothing stands for an image that is not visible. */
  readonly isHidden?: true;
}

/** The data of a node. `imageAt` makes the value of a key `image`, and `count` is called for each node. */
export function dataOf(
  node: unknown,
  document: Document,
  count: ReturnType<typeof nodeCounter>,
  imageAt: (scalar: Scalar, text: string) => Text,
): unknown {
  const convert = (alias: unknown, depth: number): unknown => {
    const given = resolved(alias, document);
    count(given, depth);
    if (isSeq(given)) return given.items.map((item) => convert(item, depth + 1));
    if (isMap(given)) return mapOf(given, depth);
    return isScalar(given) ? given.value : null;
  };
  const mapOf = (map: YAMLMap, depth: number): Data => {
    const data: Data = Object.create(null);
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : '';
      const image = resolved(value, document);
      if (name === '<<')
        for (const each of [convert(value, depth + 1)].flat()) Object.assign(data, isData(each) && each);
      else if (name !== 'image' || !isScalar(image) || typeof image.value !== 'string') {
        data[name] = convert(value, depth + 1);
      } else data[name] = imageAt(image, image.value);
    }
    return data;
  };
  return convert(node, 0);
}

export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Text);
}

/** The objects of a document: kustomize takes a list of objects apart. */
export function manifestsOf(data: unknown): Manifest[] {
  if (!isData(data)) return [];
  if (String(data.kind).endsWith('List') && Array.isArray(data.items)) return data.items.flatMap(manifestsOf);
  return [{ data, names: [stringAt(data, 'metadata', 'name') ?? ''] }];
}

export function stringAt(data: unknown, ...path: readonly string[]): string | undefined {
  const value = path.reduce<unknown>((at, key) => (isData(at) ? at[key] : undefined), data);
  return typeof value === 'string' ? value : undefined;
}

/** Replaces the image of each container, in whatever kind of object, in the order of the manifest. */
export function mapImages(data: unknown, change: (image: Text, list: string) => Text): void {
  if (Array.isArray(data)) for (const item of data) mapImages(item, change);
  if (!isData(data)) return;
  for (const [key, value] of Object.entries(data)) {
    mapImages(value, change);
    if (!isContainerList(key) || !Array.isArray(value)) continue;
    for (const container of value) {
      if (isData(container) && container.image instanceof Text) container.image = change(container.image, key);
    }
  }
}

/** Whether the value of this key in a template of a pod is a list of containers. */
export function isContainerList(key: string): boolean {
  return (containerLists as readonly string[]).includes(key);
}
