import { applicationKey, type EditSource } from '@k8sta/contracts';
import { FileInvalid, PathMissing } from '../file-invalid.js';
import type { Named } from '../part.js';
import type { Renderer, Rendering, Use } from '../renderer.js';
import { cleanPath, rootOf, type Tree, type Trees } from '../tree.js';
import { Build } from './build.js';
import { repositoryOf } from './entries.js';
import { findKustomization } from './locate.js';
import { type Manifest, mapImages } from './manifest.js';
import { overridden, withOverrides } from './overrides.js';
import { readsOf } from './reads.js';
import { type Text, useOf } from './text.js';

/** Sources that Argo CD builds with `kustomize build`. */
export const kustomizeRenderer: Renderer = { matches, render, reads };

async function matches(trees: Trees, source: EditSource): Promise<boolean> {
  if (source.type !== undefined || source.path === undefined) return source.type === 'Kustomize';
  const [tree, directory] = [(await rootOf(trees, source))?.tree, cleanPath(source.path)];
  if (!tree || directory === undefined) return false;
  const { is } = await findKustomization(tree, directory);
  return is === 'found' || is === 'invalid';
}

async function render(trees: Trees, source: EditSource, application: Named): Promise<Rendering> {
  const { tree, directory, file } = await own(trees, source, application);
  const { overrides = [] } = source;
  const isEditable = source.elsewhere === undefined;
  const build = new Build(tree, isEditable);
  const manifests = await build.run(directory, (entries) => withOverrides(entries, overrides));
  const [shown, hidden] = [imagesOf(manifests, false), imagesOf(manifests, true)];
  const uses = usesOf(shown, hidden, build.isOpaque).map((use) => overridden(use, overrides));
  const notes = build.notes.map((note) => `; ${note}`).join('');
  return {
    uses,
    // An entry without effect on what is visible may have one on what is not.
    meaning: JSON.stringify(
      [uses, build.isOpaque ? hidden : []].map((each) => each.map(rendered)).concat(build.meaning),
    ),
    file,
    whyNotNamed: ({ repository }) => `has no entry of \`images\` for ${repository}${notes}`,
    ...(build.isOpaque && isEditable && { insertion: { file, target: { kind: 'kustomize' as const } } }),
  };
}

async function reads(trees: Trees, source: EditSource, application: Named): Promise<(file: string) => boolean> {
  if (source.elsewhere !== undefined) return () => false;
  const { tree, directory } = await own(trees, source, application);
  const { files, directories } = await readsOf(tree, directory);
  return (file) => files.has(file) || [...directories].some((each) => file.startsWith(`${each}/`));
}

/**
 * The images of containers, and for those that are not visible (in a remote base, in a field that only a custom resource
 * has) the entries that matched nothing. Where a container has the same repository, such an entry has no effect.
 */
function usesOf(shown: readonly Text[], hidden: readonly Text[], isOpaque: boolean): Use[] {
  const repositories = new Set(shown.map(({ text }) => repositoryOf(text)));
  const others = hidden.filter(({ text }) => !repositories.has(repositoryOf(text))).map(useOf);
  // Where everything is visible, an entry that matches nothing has no effect.
  return [...shown.map(useOf), ...others.map((use) => (isOpaque ? use : { ...use, isOff: true }))];
}

function imagesOf(manifests: readonly Manifest[], hidden: boolean): Text[] {
  const images: Text[] = [];
  for (const { data, isHidden = false } of manifests) {
    mapImages(isHidden === hidden ? data : undefined, (image) => {
      images.push(image);
      return image;
    });
  }
  return images;
}

function rendered(each: Use | Text): string {
  return 'image' in each ? each.image : each.text;
}

/** The directory of the source, and its own kustomization. */
async function own(
  trees: Trees,
  source: EditSource,
  application: Named,
): Promise<{ tree: Tree; directory: string; file: string }> {
  const who = applicationKey(application);
  const tree = (await rootOf(trees, source))?.tree;
  if (!tree) throw new FileInvalid(`${who}: its repository is not at hand`);
  const directory = cleanPath(source.path ?? '');
  if (directory === undefined) throw new PathMissing(`the path "${source.path}" of ${who} leaves the repository`);
  const found = await findKustomization(tree, directory);
  switch (found.is) {
    case 'found':
      return { tree, directory, file: found.file };
    case 'link':
    case 'invalid':
      throw new FileInvalid(`${who}: ${found.why}`);
    default:
      throw new PathMissing(`${who}: ${found.why}`);
  }
}
