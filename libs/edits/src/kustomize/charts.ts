import type { Release, ValueFile } from '../helm/release.js';
import { cleanPath, follow, type Tree } from '../tree.js';
import type { Chart, Fields } from './fields.js';

/** Where kustomize looks for a chart; it pulls one of a registry there, to a directory of its version. */
export function chartDirectory(
  directory: string,
  { helmGlobals }: Pick<Fields, 'helmGlobals'>,
  { name, version, repo }: Chart,
): string | undefined {
  const home = cleanPath(helmGlobals.chartHome, directory);
  return home === undefined ? undefined : cleanPath(version && repo ? `${name}-${version}/${name}` : name, home);
}

/**
 * What kustomize runs Helm with
 * (https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/builtins/HelmChartInflationGenerator.go).
 */
export async function releaseOf(
  tree: Tree,
  file: string,
  directory: string,
  fields: Fields,
  chart: Chart,
  isEditable: boolean,
): Promise<Release> {
  const at = await follow(tree, chartDirectory(directory, fields, chart));
  // `replace` leaves the file out, and `merge` prefers it; by default the inline values win over it.
  const main = chart.valuesMerge === 'replace' ? [] : [chart.valuesFile ?? []].flat();
  const files: ValueFile[] = [];
  for (const each of [...main, ...chart.additionalValuesFiles]) {
    const found = await follow(tree, cleanPath(each, directory));
    if (found?.entry.is === 'file') {
      files.push({ tree, file: found.path, isEditable: isEditable && !found.isBehindLink, mayBeMissing: false });
    }
  }
  const isInline = chart.valuesInline !== undefined && chart.valuesMerge !== 'merge';
  return {
    ...(at?.entry.is === 'directory' && { chart: { tree, path: at.path, isEditable: isEditable && !at.isBehindLink } }),
    files,
    ...(isInline && { inline: [{ values: chart.valuesInline, by: `\`valuesInline\` of ${file}` }] }),
  };
}
