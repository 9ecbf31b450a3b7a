import type { EditSource } from '@k8sta/contracts';
import { globMatcher } from '@k8sta/text/glob';
import { FileInvalid } from '../file-invalid.js';
import type { Named } from '../part.js';
import { cleanPath, filesBelow, rootOf, type Tree, type Trees } from '../tree.js';
import type { ValueFile } from './release.js';

/**
 * The value files of a Helm source in their order, as Argo CD resolves them: relative to the chart, from the root of the
 * repository with `/`, or in another source with `$ref` (util/argo/path and reposerver/repository of argo-cd). Files of
 * another host, and of a repository that is not at hand, cannot be read and are left out. Throws {@link FileInvalid}.
 */
export async function valueFilesOf(trees: Trees, source: EditSource, { name }: Named): Promise<ValueFile[]> {
  const own = source.path === undefined ? undefined : await rootOf(trees, source);
  const found: ValueFile[] = [];
  for (const given of source.valueFiles ?? []) {
    const written = given.replaceAll(/\$(ARGOCD_APP_NAME\b|\{ARGOCD_APP_NAME\})/g, name);
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(written)) continue;
    const [, ref, rest = ''] = /^\$([^/]+)\/(.*)$/.exec(written) ?? [];
    const referred = ref === undefined ? undefined : source.refs?.[ref];
    const root = referred ? await rootOf(trees, referred) : own;
    if (!root) continue;
    const path = referred
      ? cleanPath(rest)
      : cleanPath(written.replace(/^\/+/, ''), written.startsWith('/') ? '' : (cleanPath(source.path ?? '') ?? ''));
    if (path === undefined) throw new FileInvalid(`the value file "${written}" leaves the repository`);
    const mayBeMissing = source.ignoreMissingValueFiles === true;
    for (const file of await expanded(root.tree, path)) found.push({ ...root, file, mayBeMissing });
  }
  return found;
}

const wildcard = /[*?[{]/;

/** The files that a pattern matches, in the order of their names; a plain path is itself. */
async function expanded(tree: Tree, path: string): Promise<string[]> {
  if (!wildcard.test(path)) return [path];
  const directory = path.slice(0, Math.max(path.lastIndexOf('/', path.search(wildcard)), 0));
  return (await filesBelow(tree, directory)).filter(globMatcher(path));
}
