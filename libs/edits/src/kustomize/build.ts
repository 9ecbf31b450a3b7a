import { canonicalText } from '../canonical.js';
import { FileInvalid, inFile } from '../file-invalid.js';
import { usesOf } from '../helm/release.js';
import { buildCounter, type Containers, containersOf } from '../manifest/containers.js';
import { cleanPath, follow, type Tree } from '../tree.js';
import { parseYaml } from '../yaml-file.js';
import { releaseOf } from './charts.js';
import { type Applied, applyEntries } from './entries.js';
import {
  type Chart,
  type Fields,
  otherFilesIn,
  type Patch,
  pathsIn,
  type Replacement,
  readFields,
  replacementsIn,
} from './fields.js';
import { replacedNote, strangeEntry } from './kustomization.js';
import { findKustomization, isRemote } from './locate.js';
import { isData, type Manifest, manifestsOf } from './manifest.js';
import { applyPatch, dataIn, masked, type PatchText } from './patches.js';
import { applyReplacement } from './replacements.js';
import { Text } from './text.js';

/** A build that reads more directories than this is refused. */
const maxDirectories = 1_000;

/** A larger file is one of definitions, such as those of an operator: it is not read. */
const maxCharacters = 1024 * 1024;

/** The kustomization of a directory, and where it is. */
interface Place {
  readonly file: string;
  readonly directory: string;
  readonly fields: Fields;
  /** It is in the repository and the branch that are edited, and not behind a symbolic link. */
  readonly isEditable: boolean;
}

/**
 * What `kustomize build` makes of a directory, as far as images are concerned, in the order of accumulateTarget
 * (https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/target/kusttarget.go).
 */
export class Build {
  readonly tree: Tree;
  readonly isEditable: boolean;
  /** What decides the build beside the images that an edit changes. */
  readonly meaning: string[] = [];
  /** Entries that are not about images, for people. */
  readonly notes: string[] = [];
  /** The build reads something that is not in the repository, or does something that is not modelled. */
  isOpaque = false;
  private directories = 0;
  private readonly count = buildCounter();

  constructor(tree: Tree, isEditable: boolean) {
    this.tree = tree;
    this.isEditable = isEditable;
  }

  /** The objects of a directory; `added` changes the entries of its own kustomization, as Argo CD does. */
  async run(directory: string, added?: (entries: readonly Applied[]) => readonly Applied[]): Promise<Manifest[]> {
    const manifests: Manifest[] = [];
    await this.directory(directory, false, manifests, [], added);
    return manifests;
  }

  private async directory(
    path: string,
    isBehindLink: boolean,
    manifests: Manifest[],
    within: readonly string[],
    added: (entries: readonly Applied[]) => readonly Applied[] = (entries) => entries,
  ): Promise<void> {
    if (++this.directories > maxDirectories) {
      throw new FileInvalid(`"${within[0] ?? path}" reads more than ${maxDirectories} directories`);
    }
    const found = await findKustomization(this.tree, path);
    if (found.is === 'invalid') throw new FileInvalid(found.why);
    // A build that goes in a circle, or of a directory without a kustomization, makes nothing.
    if (found.is !== 'found' || within.includes(path)) return;
    const { file } = found;
    const fields = readFields(file, found.text);
    const place: Place = { file, directory: path, fields, isEditable: this.isEditable && !isBehindLink };
    const note = strangeEntry(fields.yaml, fields.entries);
    if (note !== undefined) this.notes.push(`${file}: ${note}`);
    this.meaning.push(canonicalText([file, fields.rest]));
    const inside = [...within, path];
    for (const each of [...fields.resources, ...fields.bases]) await this.resource(place, each, manifests, inside);
    for (const each of fields.helmCharts) await this.chart(place, each, manifests);
    for (const each of fields.components) await this.resource(place, each, manifests, inside, true);
    await this.others(place);
    await this.transform(place, manifests, added);
  }

  private async resource(
    { directory, isEditable }: Place,
    name: string,
    manifests: Manifest[],
    within: readonly string[],
    isComponent = false,
  ): Promise<void> {
    const found = isRemote(name) ? undefined : await follow(this.tree, cleanPath(name, directory));
    if (found?.entry.is === 'directory') {
      const isBehindLink = !isEditable || found.isBehindLink;
      // A component changes the objects that are there; what a base makes comes behind them.
      const into = isComponent ? manifests : [];
      await this.directory(found.path, isBehindLink, into, within);
      if (!isComponent) manifests.push(...into);
    } else if (found?.entry.is === 'file' && found.entry.text.length <= maxCharacters) {
      const { path } = found;
      const containers = this.containers(path, found.entry.text);
      const at = isEditable && !found.isBehindLink ? path : undefined;
      manifests.push(...inFile(path, () => dataIn(containers, at, this.count).flatMap(manifestsOf)));
    } else this.isOpaque = true;
  }

  private async chart(
    { file, directory, fields, isEditable }: Place,
    chart: Chart,
    manifests: Manifest[],
  ): Promise<void> {
    const release = await releaseOf(this.tree, file, directory, fields, chart, isEditable);
    if (!release.chart) this.isOpaque = true;
    const { uses, meaning } = await usesOf(release);
    this.meaning.push(meaning);
    const containers = uses.map(({ image, ways, was = [], decidedBy }) => ({
      image: new Text(image, { ways, insertions: [], was, ...(decidedBy && { decidedBy }) }),
    }));
    manifests.push({ data: { containers }, names: [] });
  }

  /** Files that are read, and do not decide images or are not modelled. */
  private async others({ directory, fields }: Place): Promise<void> {
    const plugins = [...fields.generators, ...fields.transformers];
    if (plugins.length > 0 || fields.helmChartInflationGenerator || fields.configurations.length > 0)
      this.isOpaque = true;
    for (const each of otherFilesIn(fields)) await this.raw(directory, each);
    for (const each of [...plugins, ...fields.validators]) await this.raw(directory, each);
  }

  private async raw(directory: string, name: string, depth = 0): Promise<void> {
    const found = isRemote(name) ? undefined : await follow(this.tree, cleanPath(name, directory));
    if (found?.entry.is === 'file') this.read(found.path, found.entry.text);
    if (found?.entry.is !== 'directory' || depth > 20) return;
    if (++this.directories > maxDirectories) throw new FileInvalid(`reads more than ${maxDirectories} directories`);
    const below = await findKustomization(this.tree, found.path);
    if (below.is !== 'found') return;
    this.read(below.file, below.text);
    const { builds, files } = pathsIn(readFields(below.file, below.text));
    for (const each of [...builds, ...files]) await this.raw(found.path, each, depth + 1);
  }

  private async transform(
    place: Place,
    manifests: Manifest[],
    added: (entries: readonly Applied[]) => readonly Applied[],
  ): Promise<void> {
    const { file, fields, isEditable } = place;
    const hasSchema = fields.openapi !== undefined;
    const merges = fields.patchesStrategicMerge.map((each) => (each.includes('\n') ? { patch: each } : { path: each }));
    for (const each of [...merges, ...fields.patches]) await this.patch(place, each, manifests, hasSchema);
    named(manifests, fields);
    for (const each of fields.patchesJson6902) await this.patch(place, each, manifests, hasSchema);
    const entries = fields.entries.map((each) => ({
      ...each,
      isEditable,
      replaced: `${file} ${replacedNote(fields.yaml, each)}`,
    }));
    applyEntries(file, added(entries), isEditable, manifests);
    for (const each of fields.replacements) {
      for (const one of await this.replacements(place, each)) applyReplacement(file, one, manifests);
    }
  }

  private async patch(place: Place, patch: Partial<Patch>, manifests: Manifest[], hasSchema: boolean): Promise<void> {
    const text = patch.path === undefined ? this.inline(place, patch) : await this.patchFile(place, patch.path);
    if (text) inFile(text.file, () => applyPatch(text, patch.target, manifests, hasSchema, this.count));
    else this.isOpaque = true;
  }

  private inline({ file }: Place, { patch }: Partial<Patch>): PatchText | undefined {
    if (patch === undefined) return undefined;
    return { file, containers: inFile(file, () => containersOf(patch, this.count)), isEditable: false };
  }

  private async patchFile({ directory, isEditable }: Place, path: string): Promise<PatchText | undefined> {
    const found = isRemote(path) ? undefined : await follow(this.tree, cleanPath(path, directory));
    if (found?.entry.is !== 'file') return undefined;
    const containers = this.containers(found.path, found.entry.text);
    return { file: found.path, containers, isEditable: isEditable && !found.isBehindLink };
  }

  private async replacements({ directory }: Place, given: Replacement): Promise<readonly Replacement[]> {
    if (given.path === undefined) return [given];
    const found = await follow(this.tree, cleanPath(given.path, directory));
    if (found?.entry.is !== 'file') return [];
    const { text } = found.entry;
    this.read(found.path, text);
    return replacementsIn(inFile(found.path, () => parseYaml(text)));
  }

  private containers(file: string, text: string): Containers {
    const containers = inFile(file, () => containersOf(text, this.count));
    this.read(file, masked(containers));
    return containers;
  }

  private read(file: string, text: string): void {
    this.meaning.push(JSON.stringify([file, text]));
  }
}

/** The names and labels that a kustomization gives, by which those above it select objects. */
function named(
  manifests: readonly Manifest[],
  { namePrefix, nameSuffix, labels, commonLabels, commonAnnotations }: Fields,
): void {
  const given = Object.assign({}, commonLabels, ...labels.map(({ pairs }) => pairs));
  for (const { data, names } of manifests) {
    if (namePrefix || nameSuffix) names.push(`${namePrefix}${names.at(-1) ?? ''}${nameSuffix}`);
    if (!isData(data.metadata)) continue;
    for (const [field, pairs] of [
      ['labels', given],
      ['annotations', commonAnnotations],
    ] as const) {
      if (Object.keys(pairs).length === 0) continue;
      const had = data.metadata[field];
      data.metadata[field] = { ...(isData(had) ? had : {}), ...pairs };
    }
  }
}
