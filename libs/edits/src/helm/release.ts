import { formatKeyPath, type KeyPath } from '@k8sta/contracts';
import { canonicalText } from '../canonical.js';
import { FileInvalid } from '../file-invalid.js';
import { splitReference } from '../reference.js';
import type { Place, Use, Way } from '../renderer.js';
import type { Tree } from '../tree.js';
import { imagesIn, type ValuesImage } from './find-images.js';
import { decides, isMapping, type Layer, merged, pathWithin, valueIn, valuesAt } from './layers.js';
import { type Defaults, defaultsOf, type Switch } from './subcharts.js';
import { chartFilesOf, type Templates } from './templates.js';

/** A file of values, in the order in which Helm merges them. */
export interface ValueFile {
  readonly tree: Tree;
  readonly file: string;
  /** Whether it is in the repository and the branch that are edited. */
  readonly isEditable: boolean;
  /** A file that is missing is skipped instead of an error. */
  readonly mayBeMissing: boolean;
}

/** What Helm installs a chart with. */
export interface Release {
  /** The directory of the chart; absent where only a registry has it. */
  readonly chart?: { readonly tree: Tree; readonly path: string; readonly isEditable: boolean };
  readonly files: readonly ValueFile[];
  /** Values that win over those of the files, and what sets them, for people; the last one wins. */
  readonly inline?: readonly { readonly values: unknown; readonly by: string }[];
}

/** What becomes of the images in the values of a release. */
export interface ReleaseUses {
  readonly uses: Use[];
  readonly meaning: string;
}

/** Throws a FileInvalid. */
export async function usesOf({ chart, files: valueFiles, inline = [] }: Release): Promise<ReleaseUses> {
  const defaults: Defaults = chart
    ? await defaultsOf(chart.tree, chart.path, chart.isEditable)
    : { layers: [], directories: [], switches: [] };
  const layers: Layer[] = [...defaults.layers];
  for (const { tree, file, isEditable, mayBeMissing } of valueFiles) {
    const values = await valuesAt(tree, file);
    if (values === undefined && !mayBeMissing)
      throw new FileInvalid('does not exist, and the chart is installed with it', file);
    if (values !== undefined) layers.push({ ...(isEditable && { file }), below: [], values });
  }
  for (const { values, by } of inline) layers.push({ below: [], values, by });
  const values = merged(layers);
  const off = defaults.switches.filter((each) => isOff(each, values)).map(({ below }) => below);
  const files = chart && (await chartFilesOf(chart.tree, new Set(defaults.directories)));
  // Not all of the templates are there if a subchart is in a registry.
  const templates = defaults.switches.some(({ isMissing }) => isMissing) ? undefined : files?.templates;
  const isInRegistry = templates === undefined || templates.mention('imageRegistry');
  const shown = imagesIn(values, isInRegistry).filter(
    ({ path }) => !off.some((below) => below.every((key, at) => path[at] === key)),
  );
  const uses = shown.flatMap((image) => {
    const below = defaults.switches.findLast((each) => each.below.every((key, at) => image.path[at] === key))?.below;
    if (templates && !templates.read(image.path, below?.length ?? 0)) return [];
    const use = useOf(layers, image);
    return [templates ? { ...use, ...asRead(templates, values, image, use) } : use];
  });
  return { uses, meaning: canonicalText([values, files?.texts]) };
}

/** What the templates say about an image of the values. */
function asRead(templates: Templates, values: unknown, { path, holds }: ValuesImage, use: Use): Partial<Use> {
  const key = String(path.at(-1));
  if (holds === 'tag' && !use.decidedBy && !templates.mention(key)) {
    const named = formatKeyPath(path);
    const message = `the templates of the chart do not read ${named}, so the tag is elsewhere: name the file and the key under \`edit\` of the Station`;
    return { ways: [], decidedBy: { reason: 'EditWithoutEffect', message } };
  }
  const { before, behind } = holds === 'tag' ? templates.around(key) : {};
  return {
    ...((before ?? behind) !== undefined && { around: { before: before ?? '', behind: behind ?? '' } }),
    ...(templates.isOff(values, path) && { isOff: true }),
  };
}

/** Whether the values switch a subchart off, as Helm decides it. */
function isOff({ conditions, tags }: Switch, values: Record<string, unknown>): boolean {
  const decision = conditions
    .map((path) => valueIn(values, [...path]))
    .map((each) => String(each))
    .find((each) => /^(true|false)$/.test(each));
  if (decision !== undefined) return decision === 'false';
  const given = isMapping(values['tags']) ? values['tags'] : {};
  return tags.some((each) => given[each] === false) && !tags.some((each) => given[each] === true);
}

function useOf(layers: readonly Layer[], { image, path, holds, digestPath }: ValuesImage): Use {
  const decided = decides(layers, path);
  if (decided?.layer.by !== undefined) {
    const message = `${decided.layer.by}, which wins over the files: remove it from there`;
    return { image, ways: [], decidedBy: { reason: 'OverriddenInApplication', message } };
  }
  const pins = digestPath ? pinOf(layers, digestPath) : [];
  const wayIn = (layer: Layer): Way[] => {
    const inside = pathWithin(layer, path);
    const { file } = layer;
    if (file === undefined || !inside) return [];
    const at = (also: readonly Place[]): Way => ({
      ...{ file, target: { kind: 'value', path: inside, holds } },
      ...(also.length > 0 && { also }),
    });
    // Where others read the pin too, the Station gets one of its own.
    const own = digestPath && pins.length > 0 ? pathWithin(layer, digestPath) : undefined;
    if (!own || pins.every((each) => each.file === file)) return [at(pins)];
    return [at(pins), at([{ file, target: { kind: 'value', path: own, holds: 'digest' } }])];
  };
  // A list is replaced as a whole, so that an element can be changed only where the list is.
  const isInList = path.some((key) => typeof key === 'number');
  const above = isInList ? [] : layers.slice(decided ? layers.indexOf(decided.layer) + 1 : 0).toReversed();
  const here = decided ? wayIn(decided.layer) : [];
  // An empty tag stands for the appVersion of the chart: the environment gets a tag of its own.
  const isEmpty = holds === 'tag' && splitReference(image).tag === undefined;
  return { image, ways: isEmpty ? [...above.flatMap(wayIn), ...here] : [...here, ...above.flatMap(wayIn)] };
}

function pinOf(layers: readonly Layer[], path: KeyPath): Place[] {
  const layer = decides(layers, path)?.layer;
  const inside = layer && pathWithin(layer, path);
  if (layer?.file === undefined || !inside) return [];
  return [{ file: layer.file, target: { kind: 'value', path: inside, holds: 'digest' } }];
}
