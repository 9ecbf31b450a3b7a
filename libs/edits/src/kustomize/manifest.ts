import { type Document, isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml';
import { FileInvalid } from '../file-invalid.js';
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

const maxDepth = 60;
/** Aliases multiply what a small file says. */
const maxNodes = 500_000;

/** The data of a node. `imageAt` makes the value of a key `image`. */
export function dataOf(node: unknown, document: Document, imageAt: (scalar: Scalar, text: string) => Text): unknown {
  let nodes = 0;
  const convert = (given: unknown, depth: number): unknown => {
    if (++nodes > maxNodes || depth > maxDepth) throw new FileInvalid('is nested too deeply, or has too many aliases');
    if (isAlias(given)) return convert(given.resolve(document), depth + 1);
    if (isSeq(given)) return given.items.map((item) => convert(item, depth + 1));
    if (isMap(given)) return mapOf(given, depth);
    return isScalar(given) ? given.value : null;
  };
  const mapOf = (map: YAMLMap, depth: number): Data => {
    const data: Data = Object.create(null);
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : '';
      const image = isAlias(value) ? value.resolve(document) : value;
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

const lists = ['containers', 'initContainers', 'ephemeralContainers'];

/** Replaces the image of each container, in whatever kind of object, in the order of the manifest. */
export function mapImages(data: unknown, change: (image: Text, list: string) => Text): void {
  if (Array.isArray(data)) for (const item of data) mapImages(item, change);
  if (!isData(data)) return;
  for (const [key, value] of Object.entries(data)) {
    mapImages(value, change);
    if (!lists.includes(key) || !Array.isArray(value)) continue;
    for (const container of value) {
      if (isData(container) && container.image instanceof Text) container.image = change(container.image, key);
    }
  }
}
