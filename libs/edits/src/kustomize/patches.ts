import { isMap, isScalar, isSeq, type Scalar } from 'yaml';
import { type Containers, type Count, nodeCounter } from '../manifest/containers.js';
import type { Way } from '../renderer.js';
import { rangeOf, splice } from '../yaml-file.js';
import type { Selector } from './fields.js';
import { applyOperations, copyOf, type Operation, pointer } from './json-patch.js';
import { type Data, dataOf, isData, type Manifest } from './manifest.js';
import { selectById, selectByPattern } from './select.js';
import { mergePatch } from './strategic-merge.js';
import { literal } from './text.js';

/** A patch, read. */
export interface PatchText {
  /** The file that has it, and for messages also the kustomization that does. */
  readonly file: string;
  readonly containers: Containers;
  /** It is in a file of its own, which can be edited. */
  readonly isEditable: boolean;
}

/** Applies a patch to the objects of a build. */
export function applyPatch(
  given: PatchText,
  target: Selector | undefined,
  manifests: Manifest[],
  hasSchema: boolean,
  count: Count,
): void {
  const operations = operationsOf(given, count);
  if (operations) {
    const targets = target ? selectByPattern(manifests, target) : [];
    for (const { data } of targets) applyOperations(data, operations, count);
    return;
  }
  for (const patch of mergePatchesOf(given, count)) {
    for (const manifest of target ? selectByPattern(manifests, target) : selectById(manifests, patch)) {
      const merged = mergePatch(manifest.data, copyOf(patch, count) as Data, hasSchema);
      if (merged) manifest.data = merged;
      else manifests.splice(manifests.indexOf(manifest), 1);
    }
  }
}

function mergePatchesOf({ file, containers, isEditable }: PatchText, count: Count): Data[] {
  return dataIn(containers, isEditable ? file : undefined, count).filter(isData);
}

/** The data of each document. The images of containers can be edited in the file, if there is one. */
export function dataIn({ file, images }: Containers, at: string | undefined, countOfBuild: Count): unknown[] {
  const nodes = new Set(images.map(({ node }) => node));
  const count = nodeCounter(file, countOfBuild);
  const way: Way | undefined = at === undefined ? undefined : { file: at, target: { kind: 'manifest' } };
  return file.documents.map((document) =>
    dataOf(document.contents, document, count, (node, image) => literal(image, nodes.has(node) ? way : undefined)),
  );
}

/** The operations of a JSON patch; undefined if it is a strategic merge patch. */
function operationsOf({ file, containers, isEditable }: PatchText, countOfBuild: Count): Operation[] | undefined {
  const [document] = containers.file.documents;
  const list = document?.contents;
  if (!document || !isSeq(list)) return undefined;
  const count = nodeCounter(containers.file, countOfBuild);
  const inContainers = new Set(containers.images.map(({ node }) => node));
  return list.items.map((item, index) => {
    const [op, path, from] = ['op', 'path', 'from'].map((key) => (isMap(item) ? item.get(key) : undefined));
    const value = isMap(item) ? item.get('value', true) : undefined;
    const keys = pointer(path);
    const at = (...more: string[]): Way => ({
      file,
      target: { kind: 'value', path: [index, 'value', ...more], holds: 'reference' },
    });
    const wayTo = (node: Scalar): Way | undefined => {
      if (!isEditable) return undefined;
      if (inContainers.has(node)) return { file, target: { kind: 'manifest' } };
      if (node === value) return at();
      return isMap(value) && value.get('image', true) === node ? at('image') : undefined;
    };
    const isImage = isScalar(value) && typeof value.value === 'string' && keys.at(-1) === 'image';
    return {
      op: String(op),
      path: keys,
      from: pointer(from),
      value: isImage
        ? literal(String(value.value), wayTo(value))
        : dataOf(value, document, count, (node, image) => literal(image, wayTo(node))),
    };
  });
}

/** The places in a file of manifests, or in that of a patch, that hold the image of a container. */
function placesIn({ file, images }: Containers): Scalar[] {
  const list = file.documents[0]?.contents;
  const values = !isSeq(list)
    ? []
    : list.items.flatMap((item) => {
        const value = isMap(item) ? item.get('value', true) : undefined;
        const image = isMap(value) ? value.get('image', true) : value;
        const isImage = isMap(value) || pointer(isMap(item) ? item.get('path') : '').at(-1) === 'image';
        return isImage && isScalar(image) && typeof image.value === 'string' ? [image] : [];
      });
  return [...images.flatMap(({ node }) => node ?? []), ...values];
}

/** The text of a file without the images that an edit could change. */
export function masked(containers: Containers): string {
  const ranges = new Map(placesIn(containers).map((node) => [rangeOf(node)[0], rangeOf(node)]));
  const splices = [...ranges.values()].map(([start, end]) => ({ start, end, text: '*' }));
  return splice(containers.file.text, splices);
}
