import { isMap, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml';
import { FileInvalid } from '../file-invalid.js';
import { resolved } from '../yaml-alias.js';
import { offsetOf, parseYamls, type YamlFiles } from '../yaml-file.js';

/** The lists of containers in the template of a pod, in whatever kind of object. */
export const containerLists = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** Manifests are nested no deeper. */
const maxDepth = 60;

/** Aliases multiply what a small file says. */
const maxNodes = 500_000;

/** A build may read one file many times, and its patches may copy an object into itself. This is about 60 MB of YAML. */
const maxNodesOfBuild = 5_000_000;

/** Called for each node of what is read or copied, with how deep it is. */
export type Count = (depth: number) => void;

/** Counts for a whole build: throws {@link FileInvalid} at a node that is too deep, or that is one too many. */
export function buildCounter(): Count {
  let nodes = 0;
  return (depth) => {
    if (depth > maxDepth) throw new FileInvalid('makes an object that is nested too deeply');
    if (++nodes > maxNodesOfBuild) throw new FileInvalid('makes a build that is too large');
  };
}

/** Counts the nodes of a file: throws {@link FileInvalid} at one that is too deep, or that is one too many. */
export function nodeCounter(
  { place }: Pick<YamlFiles, 'place'>,
  countOfBuild?: Count,
): (node: unknown, depth: number) => void {
  let nodes = 0;
  return (node, depth) => {
    if (++nodes > maxNodes || depth > maxDepth) {
      throw new FileInvalid(`is nested too deeply, or has too many aliases (${place(offsetOf(node) ?? 0)})`);
    }
    countOfBuild?.(depth);
  };
}

/** The image of one container. */
export interface ContainerImage {
  /** The object that has the container: `Deployment shop`. In a patch it is the object that is patched. */
  readonly kind: string;
  readonly name: string;
  readonly list: (typeof containerLists)[number];
  /** Its index in the list, and its name, by which a patch finds it. */
  readonly index: number;
  readonly container: string | undefined;
  readonly image: string;
  /** The value in the file; undefined where an alias stands for it, so that it can be read and not edited. */
  readonly node: Scalar | undefined;
}

/** The images of all containers of a file of manifests, YAML or JSON, in the order of the file. */
export interface Containers {
  readonly file: YamlFiles;
  readonly images: readonly ContainerImage[];
}

/** Throws {@link FileInvalid} where the text is not YAML. */
export function containersOf(text: string, countOfBuild?: Count): Containers {
  const file = parseYamls(text);
  const count = nodeCounter(file, countOfBuild);
  const images: ContainerImage[] = [];
  for (const document of file.documents) {
    const resolve = (node: unknown): unknown => resolved(node, document);
    const visit = (given: unknown, owner: Pick<ContainerImage, 'kind' | 'name'>, depth: number): void => {
      const node = resolve(given);
      count(node, depth);
      if (isSeq(node)) for (const item of node.items) visit(item, owner, depth + 1);
      if (!isMap(node)) return;
      const own = objectOf(node, resolve) ?? owner;
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : '';
        const list = containerLists.find((each) => each === name);
        const items = list && resolve(value);
        if (list && isSeq(items)) {
          items.items.forEach((item, index) => {
            const found = imageOf(resolve(item), resolve);
            if (found) images.push({ ...own, ...found, list, index });
          });
        } else visit(value, own, depth + 1);
      }
    };
    visit(document.contents, { kind: '', name: '' }, 0);
  }
  return { file, images };
}

type Resolve = (node: unknown) => unknown;

function objectOf(map: YAMLMap, resolve: Resolve): Pick<ContainerImage, 'kind' | 'name'> | undefined {
  const kind = textOf(resolve(map.get('kind', true)));
  const metadata = resolve(map.get('metadata', true));
  if (kind === undefined || !isMap(metadata)) return undefined;
  return { kind, name: textOf(resolve(metadata.get('name', true))) ?? '' };
}

function imageOf(
  container: unknown,
  resolve: Resolve,
): Pick<ContainerImage, 'container' | 'image' | 'node'> | undefined {
  if (!isMap(container)) return undefined;
  const given = container.get('image', true) as unknown;
  const image = textOf(resolve(given));
  if (image === undefined) return undefined;
  return { container: textOf(resolve(container.get('name', true))), image, node: isScalar(given) ? given : undefined };
}

function textOf(node: unknown): string | undefined {
  return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
}
