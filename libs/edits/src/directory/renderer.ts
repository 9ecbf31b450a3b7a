import { applicationKey, type EditSource } from '@k8sta/contracts';
import { globMatcher } from '@k8sta/text/glob';
import { FileInvalid, inFile, PathMissing } from '../file-invalid.js';
import { containersOf } from '../manifest/containers.js';
import type { Named } from '../part.js';
import type { Renderer, Use } from '../renderer.js';
import { cleanPath, filesBelow, join, lookUp, type Root, rootOf, type Tree, type Trees, textAt } from '../tree.js';

/** Directories of plain manifests. */
export const directory: Renderer = {
  matches: async (_trees, { type, path }) => path !== undefined && (type === undefined || type === 'Directory'),

  async render(trees, source, application) {
    const { tree, isEditable, path } = await directoryOf(trees, source, application);
    const uses: Use[] = [];
    const texts: [file: string, text: string][] = [];
    for (const file of await manifestsIn(tree, path, source)) {
      const text = (await textAt(tree, file)) ?? '';
      if (text.includes(skipMark)) continue;
      texts.push([file, text]);
      if (file.endsWith('.jsonnet')) continue;
      const ways = isEditable ? [{ file, target: { kind: 'manifest' as const } }] : [];
      uses.push(...inFile(file, () => containersOf(text)).images.map(({ image }) => ({ image, ways })));
    }
    const jsonnet = texts.find(([file]) => file.endsWith('.jsonnet'))?.[0];
    return {
      uses,
      meaning: JSON.stringify(texts),
      file: path === '' ? 'the root of the repository' : path,
      whyNotNamed: ({ repository }) =>
        jsonnet === undefined
          ? `has no manifest with a container of ${repository}`
          : `has no manifest with a container of ${repository}, and ${jsonnet} is jsonnet, which K8sTA does not edit`,
      ...(jsonnet !== undefined && { isUnsupported: true }),
    };
  },

  async reads(trees, source, application) {
    const { isEditable, path } = await directoryOf(trees, source, application);
    const isManifest = manifestFilter(path, source);
    return (file) => isEditable && isManifest(file);
  },
};

/** Argo CD leaves out a file with this mark (reposerver/repository/repository.go). */
const skipMark = '+argocd:skip-file-rendering';

async function directoryOf(
  trees: Trees,
  source: EditSource,
  application: Named,
): Promise<Root & { readonly path: string }> {
  const { path = '' } = source;
  const clean = cleanPath(path);
  const who = applicationKey(application);
  const root = await rootOf(trees, source);
  if (!root) throw new FileInvalid(`${who}: its repository is not at hand`);
  if (clean === undefined) throw new PathMissing(`the path "${path}" of ${who} leaves the repository`);
  const at = await lookUp(root.tree, clean);
  if (at?.is === 'link')
    throw new FileInvalid(`${who}: "${clean}" is a symbolic link or a submodule, or is behind one`);
  if (at?.is !== 'directory') throw new PathMissing(`${who}: there is no directory "${clean}"`);
  return { ...root, path: clean };
}

async function manifestsIn(tree: Tree, path: string, source: EditSource): Promise<string[]> {
  const isManifest = manifestFilter(path, source);
  if (source.directory?.recurse) return (await filesBelow(tree, path)).filter(isManifest);
  const files = (await tree.list(path)).map((name) => join(path, name)).filter(isManifest);
  const entries = await Promise.all(files.map(async (file) => ({ file, is: (await tree.entry(file))?.is })));
  return entries.filter(({ is }) => is === 'file' || is === 'opaque').map(({ file }) => file);
}

/**
 * Whether Argo CD reads a file as a manifest (getPotentiallyValidManifestFile): `exclude` wins over `include`, and in
 * both `*` also matches a slash (github.com/gobwas/glob without separators).
 */
function manifestFilter(path: string, { directory: { recurse, include, exclude } = {} }: EditSource) {
  const prefix = path === '' ? '' : `${path}/`;
  const isIncluded = include ? globMatcher(include, { crossesSlash: true }) : () => true;
  const isExcluded = exclude ? globMatcher(exclude, { crossesSlash: true }) : () => false;
  return (file: string): boolean => {
    if (!file.startsWith(prefix) || !/\.(yaml|yml|json|jsonnet)$/.test(file)) return false;
    const relative = file.slice(prefix.length);
    return (recurse || !relative.includes('/')) && isIncluded(relative) && !isExcluded(relative);
  };
}
