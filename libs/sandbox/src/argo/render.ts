import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Application } from './application.js';
import { type HelmOptions, helmFailure, renderChart } from './chart.js';
import {
  changeImage,
  type ImageChange,
  type Kustomization,
  kustomizationFiles,
  type Manifest,
  parseKustomization,
  parseManifests,
} from './kustomization.js';

/** The rendering of a source at one revision. */
export interface Rendered {
  /** Two renderings with the same digest are equal for the cluster. */
  digest: string;
  /** The digest of the objects with containers: if it changes, a rollout starts. */
  workloadDigest: string;
  /** All images that would run, sorted and without duplicates. */
  images: string[];
  manifests: Manifest[];
  sourceType: 'Kustomize' | 'Helm' | 'Directory';
}

/** What of an Application decides its manifests. */
export interface RenderedSource {
  readonly path: string;
  readonly helm?: HelmOptions;
  /** The name of the Helm release: the Application's. */
  readonly release: string;
}

export function renderedSource({ metadata, spec: { source } }: Application): RenderedSource {
  return { path: source.path, ...(source.helm && { helm: source.helm }), release: metadata.name };
}

/** Reads one revision of a repository: a file's text, or the names of the files in a folder. */
export interface Tree {
  file(path: string): Promise<string | undefined>;
  folder(path: string): Promise<string[] | undefined>;
}

/** The source cannot be rendered; the message is what Argo CD shows. */
export class RenderError extends Error {
  /** The error as the repo server repeats it from its cache. */
  cached(): RenderError {
    return new RenderError(`Manifest generation error (cached): ${this.message}`);
  }
}

const checkout = '<path to cached source>';

/** Argo CD's message for a fault of the kustomize build in a folder. */
export function kustomizeFailure(path: string, fault: string): string {
  return `\`kustomize build ${posix.join(checkout, path)}\` failed exit status 1: Error: ${fault}`;
}

/** The message of kustomize if `resources` names a file that does not exist. */
export function missingResource(path: string, name: string): string {
  const file = posix.join(checkout, path, name);
  const missing = `evalsymlink failure on '${file}' : lstat ${file}: no such file or directory`;
  const accumulation = `accumulating resources from '${name}': ${missing}`;
  return `accumulating resources: accumulation err='${accumulation}': must build at directory: not a valid directory: ${missing}`;
}

/**
 * Renders a path with the subset of kustomize that the stand-in supports: local resources, bases and components,
 * `images`, name prefix and suffix, namespace. Other parts of a kustomization (patches, generators) are not applied, but
 * a change of them, or of a file that a patch names, changes the digest. A path with a `Chart.yaml`
 * is a chart (chart.ts), and one without either is a folder of manifests.
 */
export async function render(tree: Tree, source: RenderedSource): Promise<Rendered> {
  const renderer = new Renderer(tree);
  const at = normalise(source.path);
  const sourceType = await renderer.typeOf(at);
  const manifests = await manifestsOf(renderer, at, sourceType, source);
  const workloads = manifests.filter((manifest) => imagesIn(manifest).length > 0);
  return {
    digest: digest([manifests, renderer.unapplied]),
    workloadDigest: digest(workloads),
    images: [...new Set(manifests.flatMap((manifest) => imagesIn(manifest)))].sort(),
    manifests,
    sourceType,
  };
}

function manifestsOf(renderer: Renderer, at: string, type: Rendered['sourceType'], source: RenderedSource) {
  switch (type) {
    case 'Kustomize':
      return built(renderer, at);
    case 'Helm':
      return renderer.chart(at, source);
    default:
      return renderer.directory(at);
  }
}

async function built(renderer: Renderer, path: string): Promise<Manifest[]> {
  try {
    return await renderer.build(path);
  } catch (error) {
    throw error instanceof RenderError ? new RenderError(kustomizeFailure(path, error.message)) : error;
  }
}

type Unapplied = Pick<Kustomization, 'patches'>;

class Renderer {
  /** Inputs that may change the result in ways that the stand-in does not compute. */
  readonly unapplied: unknown[] = [];
  readonly #tree: Tree;
  #depth = 0;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async typeOf(path: string): Promise<Rendered['sourceType']> {
    const has = async (name: string) => (await this.#tree.file(posix.join(path, name))) !== undefined;
    if ((await Promise.all(kustomizationFiles.map(has))).includes(true)) return 'Kustomize';
    return (await has('Chart.yaml')) ? 'Helm' : 'Directory';
  }

  async chart(path: string, { helm = {}, release }: RenderedSource): Promise<Manifest[]> {
    try {
      return await renderChart(this.#tree, path, helm, release);
    } catch (error) {
      throw new RenderError(helmFailure(release, (error as Error).message));
    }
  }

  async #kustomization(path: string): Promise<Kustomization | undefined> {
    for (const name of kustomizationFiles) {
      const file = posix.join(path, name);
      const text = await this.#tree.file(file);
      if (text !== undefined) return attempt('invalid Kustomization', () => parseKustomization(text));
    }
    return undefined;
  }

  async build(path: string): Promise<Manifest[]> {
    const found = await this.#kustomization(path);
    if (!found) throw new RenderError(`unable to find one of ${kustomizationFiles.join(', ')} in directory '${path}'`);
    if (++this.#depth > 50) throw new RenderError(`cycle detected at '${path}'`);
    const { resources, bases, components, images, namespace, namePrefix = '', nameSuffix = '', ...rest } = found;
    const manifests: Manifest[] = [];
    for (const each of [...(resources ?? []), ...(bases ?? []), ...(components ?? [])]) {
      manifests.push(...(await this.#resource(path, each)));
    }
    await this.#noteUnapplied(path, rest);
    this.#depth--;
    return manifests.map(({ metadata, ...body }) => ({
      ...(withImages(body, images ?? []) as Omit<Manifest, 'metadata'>),
      metadata: { ...metadata, name: `${namePrefix}${metadata.name}${nameSuffix}`, ...(namespace && { namespace }) },
    })) as Manifest[];
  }

  async directory(path: string): Promise<Manifest[]> {
    const names = await this.#tree.folder(path);
    if (!names) throw new RenderError(`${path}: app path does not exist`);
    const manifests: Manifest[] = [];
    for (const name of names.filter((each) => /\.(ya?ml|json)$/.test(each)).sort()) {
      const text = await this.#tree.file(posix.join(path, name));
      if (text !== undefined) manifests.push(...attempt(`invalid file '${name}'`, () => parseManifests(text)));
    }
    return manifests;
  }

  async #resource(path: string, name: string): Promise<Manifest[]> {
    if (/^[a-z+]+:\/\/|^git@|[?]ref=/.test(name))
      throw new RenderError(`remote resource '${name}' is not supported here`);
    const target = normalise(posix.join(path, name));
    const text = await this.#tree.file(target);
    if (text !== undefined) return attempt(`invalid file '${target}'`, () => parseManifests(text));
    if (!(await this.#tree.folder(target))) throw new RenderError(missingResource(path, name));
    return this.build(target);
  }

  async #noteUnapplied(path: string, rest: Unapplied): Promise<void> {
    const { apiVersion: _, kind: __, ...fields } = rest as Record<string, unknown>;
    const files: (string | undefined)[] = [];
    for (const patch of rest.patches ?? []) {
      if (patch.path) files.push(await this.#tree.file(normalise(posix.join(path, patch.path))));
    }
    if (Object.keys(fields).length > 0) this.unapplied.push(fields, files);
  }
}

function attempt<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new RenderError(`${what}: ${error instanceof Error ? error.message : error}`);
  }
}

function normalise(path: string): string {
  const clean = posix
    .normalize(path)
    .replace(/^\.?\//, '')
    .replace(/\/$/, '');
  if (clean === '..' || clean.startsWith('../')) throw new RenderError(`'${path}' is outside of the repository`);
  return clean === '.' ? '' : clean;
}

const containerLists = new Set(['containers', 'initContainers', 'ephemeralContainers']);

/** A copy in which `images` is applied to the image of each container, at any depth. */
function withImages(value: unknown, changes: readonly ImageChange[], isContainer = false): unknown {
  if (Array.isArray(value)) return value.map((each) => withImages(each, changes, isContainer));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) =>
    isContainer && key === 'image' && typeof child === 'string'
      ? [key, changeImage(child, changes)]
      : [key, withImages(child, changes, containerLists.has(key))],
  );
  return Object.fromEntries(entries);
}

/** The images of all containers in a manifest. */
export function imagesIn(value: unknown, isContainer: unknown = false): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => imagesIn(each, isContainer));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    isContainer === true && key === 'image' && typeof child === 'string'
      ? [child]
      : imagesIn(child, containerLists.has(key)),
  );
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
