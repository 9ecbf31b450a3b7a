import { isMap, isSeq } from 'yaml';
import { FileInvalid, inFile } from '../file-invalid.js';
import { cleanPath, join, type Tree, textAt } from '../tree.js';
import { parseYaml } from '../yaml-file.js';
import { type Layer, valuesAt } from './layers.js';

/** Charts in charts in charts are as deep as people go. */
const maxDepth = 4;

/** A chart may name the same one again and again, and itself. */
const maxCharts = 1_000;

/** A subchart that values may switch off, as its parent's Chart.yaml says (https://helm.sh/docs/topics/charts). */
export interface Switch {
  /** Where its values are merged. */
  readonly below: readonly string[];
  /** Keys below the parent, of which the first that is true or false decides. */
  readonly conditions: readonly (readonly string[])[];
  /** Names under `tags` of the outermost chart, which decide where no condition does. */
  readonly tags: readonly string[];
  /** Only a registry has it. */
  readonly isMissing: boolean;
}

/** What a chart and its subcharts say by themselves. */
export interface Defaults {
  readonly layers: Layer[];
  readonly directories: string[];
  readonly switches: Switch[];
}

/**
 * The default values of a chart and of its subcharts that are in the repository, the innermost first: those in its
 * `charts/` directory, and those that it names by `file://`. A subchart's values are merged below its name or alias.
 */
export async function defaultsOf(
  tree: Tree,
  path: string,
  isEditable: boolean,
  below: readonly string[] = [],
  count = { charts: 0 },
): Promise<Defaults> {
  if (++count.charts > maxCharts) throw new FileInvalid(`has more than ${maxCharts} subcharts`, path);
  const layers: Layer[] = [];
  const switches: Switch[] = [];
  const directories = [path];
  if (below.length < maxDepth) {
    for (const { key, directory, conditions, tags } of await subchartsOf(tree, path)) {
      const inside = [...below, key];
      const isMissing = directory === undefined;
      switches.push({ below: inside, conditions: conditions.map((each) => [...below, ...each]), tags, isMissing });
      if (directory === undefined) continue;
      const inner = await defaultsOf(tree, directory, isEditable, inside, count);
      layers.push(...inner.layers);
      switches.push(...inner.switches);
      directories.push(...inner.directories);
    }
  }
  const file = join(path, 'values.yaml');
  const values = await valuesAt(tree, file);
  if (values !== undefined) layers.push({ ...(isEditable && { file }), below, values });
  return { layers, directories, switches };
}

/** The directories of a chart and its subcharts, without a look at values: a chart that cannot be installed has them too. */
export async function directoriesOf(tree: Tree, path: string): Promise<string[]> {
  const depths = new Map([[path, 0]]);
  for (const [directory, depth] of depths) {
    if (depth === maxDepth) continue;
    for (const each of await subchartsOf(tree, directory).catch(noneIfInvalid)) {
      if (each.directory !== undefined && !depths.has(each.directory)) depths.set(each.directory, depth + 1);
    }
  }
  return [...depths.keys()];
}

function noneIfInvalid(error: unknown): [] {
  if (error instanceof FileInvalid) return [];
  throw error;
}

interface Subchart {
  readonly key: string;
  /** Undefined where only a registry has it. */
  readonly directory: string | undefined;
  readonly conditions: readonly (readonly string[])[];
  readonly tags: readonly string[];
}

async function subchartsOf(tree: Tree, path: string): Promise<Subchart[]> {
  const vendored = new Map<string, string>();
  for (const name of await tree.list(join(path, 'charts'))) {
    const directory = join(join(path, 'charts'), name);
    if ((await tree.entry(directory))?.is === 'directory') vendored.set(name, directory);
  }
  const named = await dependenciesOf(tree, path, vendored);
  const names = new Set(named.map(({ name }) => name));
  const others = [...vendored].filter(([name]) => !names.has(name));
  return [...others.map(([key, directory]) => ({ key, directory, conditions: [], tags: [] })), ...named];
}

/** The dependencies that Chart.yaml lists: one chart may be there several times, each with an alias. */
async function dependenciesOf(
  tree: Tree,
  path: string,
  vendored: ReadonlyMap<string, string>,
): Promise<(Subchart & { name: string })[]> {
  const file = join(path, 'Chart.yaml');
  const text = await textAt(tree, file);
  if (text === undefined) return [];
  const { document } = inFile(file, () => parseYaml(text));
  const dependencies = document.get('dependencies');
  return (isSeq(dependencies) ? dependencies.items : []).flatMap((item) => {
    if (!isMap(item)) return [];
    const [name, alias, repository, condition] = ['name', 'alias', 'repository', 'condition'].map((key) =>
      textUnder(item.get(key)),
    );
    if (name === undefined) return [];
    const local = repository?.startsWith('file://') ? cleanPath(repository.slice('file://'.length), path) : undefined;
    const conditions = (condition?.split(',') ?? []).map((each) => each.trim().split('.'));
    const tags = item.get('tags');
    return [
      {
        ...{ name, key: alias ?? name, directory: local ?? vendored.get(name), conditions },
        tags: isSeq(tags) ? tags.items.map((each) => String(each)) : [],
      },
    ];
  });
}

function textUnder(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
