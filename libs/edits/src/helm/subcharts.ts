import { isMap, isSeq } from 'yaml';
import { inFile } from '../file-invalid.js';
import { cleanPath, join, type Tree, textAt } from '../tree.js';
import { parseYaml } from '../yaml-file.js';
import { type Layer, valuesAt } from './layers.js';

/** Charts in charts in charts are as deep as people go. */
const maxDepth = 4;

/**
 * The default values of a chart and of its subcharts that are in the repository, the innermost first: those in its
 * `charts/` directory, and those that it names by `file://`. A subchart's values are merged below its name or alias.
 */
export async function defaultsOf(
  tree: Tree,
  path: string,
  isEditable: boolean,
  below: readonly string[] = [],
): Promise<{ layers: Layer[]; directories: string[] }> {
  const layers: Layer[] = [];
  const directories = [path];
  if (below.length < maxDepth) {
    for (const { key, directory } of await subchartsOf(tree, path)) {
      const inner = await defaultsOf(tree, directory, isEditable, [...below, key]);
      layers.push(...inner.layers);
      directories.push(...inner.directories);
    }
  }
  const file = join(path, 'values.yaml');
  const values = await valuesAt(tree, file);
  if (values !== undefined) layers.push({ ...(isEditable && { file }), below, values, isDefault: true });
  return { layers, directories };
}

async function subchartsOf(tree: Tree, path: string): Promise<{ key: string; directory: string }[]> {
  const file = join(path, 'Chart.yaml');
  const text = await textAt(tree, file);
  const named = new Map<string, { key: string; directory: string }>();
  const vendored = join(path, 'charts');
  for (const name of await tree.list(vendored)) {
    const directory = join(vendored, name);
    if ((await tree.entry(directory))?.is === 'directory') named.set(name, { key: name, directory });
  }
  if (text === undefined) return [...named.values()];
  const { document } = inFile(file, () => parseYaml(text));
  const dependencies = document.get('dependencies');
  for (const item of isSeq(dependencies) ? dependencies.items : []) {
    if (!isMap(item)) continue;
    const [name, alias, repository] = ['name', 'alias', 'repository'].map((key) => textUnder(item.get(key)));
    if (name === undefined) continue;
    const local = repository?.startsWith('file://') ? cleanPath(repository.slice('file://'.length), path) : undefined;
    const directory = local ?? named.get(name)?.directory;
    if (directory !== undefined) named.set(alias ?? name, { key: alias ?? name, directory });
    if (alias !== undefined && alias !== name) named.delete(name);
  }
  return [...named.values()];
}

function textUnder(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
