import { z } from 'zod';
import { inFile } from '../file-invalid.js';
import { remembered } from '../remembered.js';
import { parseYaml, plainData, type YamlFile } from '../yaml-file.js';
import { allEntries, type ImageEntry } from './kustomization.js';

/** A list whose other items are left out: kustomize itself says what is wrong with them. */
function list<T extends z.ZodType>(item: T) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((items) =>
      items.flatMap((each) => {
        const { success, data } = item.safeParse(each);
        return success ? [data as z.infer<T>] : [];
      }),
    );
}

const text = z.string().optional().catch(undefined);
const strings = list(z.string());

const selector = z.object({
  group: text,
  version: text,
  kind: text,
  name: text,
  namespace: text,
  labelSelector: text,
  annotationSelector: text,
});
export type Selector = z.infer<typeof selector>;

const patch = z.object({ path: text, patch: text, target: selector.optional().catch(undefined) });
export type Patch = z.infer<typeof patch>;

const options = z
  .object({ delimiter: z.string().default(''), index: z.int().default(0) })
  .optional()
  .catch(undefined);
export type Options = z.infer<typeof options>;

const replacement = z.object({
  path: text,
  sourceValue: text,
  source: selector.extend({ fieldPath: text, options }).optional().catch(undefined),
  targets: list(
    z.object({ select: selector, reject: list(selector).default([]), fieldPaths: strings.default([]), options }),
  ).default([]),
});
export type Replacement = z.infer<typeof replacement>;

const chart = z.object({
  name: z.string(),
  version: text,
  repo: text,
  valuesFile: text,
  additionalValuesFiles: strings.default([]),
  valuesInline: z.record(z.string(), z.unknown()).optional().catch(undefined),
  valuesMerge: text,
});
export type Chart = z.infer<typeof chart>;

const generator = z.object({ files: strings.default([]), envs: strings.default([]), env: text });
const labels = z.record(z.string(), z.unknown()).catch({});

const kustomization = z.object({
  resources: strings.default([]),
  bases: strings.default([]),
  components: strings.default([]),
  patchesStrategicMerge: strings.default([]),
  patches: list(patch).default([]),
  patchesJson6902: list(patch).default([]),
  namePrefix: z.string().catch(''),
  nameSuffix: z.string().catch(''),
  commonLabels: labels.default({}),
  labels: list(z.object({ pairs: labels.default({}) })).default([]),
  commonAnnotations: labels.default({}),
  replacements: list(replacement).default([]),
  helmCharts: list(chart).default([]),
  helmGlobals: z.object({ chartHome: z.string().default('charts') }).catch({ chartHome: 'charts' }),
  helmChartInflationGenerator: z.unknown().optional(),
  configMapGenerator: list(generator).default([]),
  secretGenerator: list(generator).default([]),
  generators: strings.default([]),
  transformers: strings.default([]),
  validators: strings.default([]),
  configurations: strings.default([]),
  crds: strings.default([]),
  openapi: z.object({ path: text }).optional().catch(undefined),
});

/** What a build takes from a kustomization, as kustomize reads it. */
export interface Fields extends z.infer<typeof kustomization> {
  readonly entries: readonly ImageEntry[];
  readonly yaml: YamlFile;
  /** All but `images`: what decides the build, and an edit of entries does not change. */
  readonly rest: unknown;
}

/** Throws a FileInvalid that names the file. The fields are shared with later callers, so nobody may change them. */
export function readFields(file: string, content: string): Fields {
  return inFile(file, () => fieldsOf(content));
}

/** As {@link readFields}, without the name of the file. */
export const fieldsOf = remembered((content): Fields => {
  const yaml = parseYaml(content);
  const entries = allEntries(yaml);
  const { images: _, ...rest } = z.record(z.string(), z.unknown()).catch({}).parse(plainData(yaml.document));
  return { ...kustomization.parse(rest), entries, yaml, rest };
}, 128 * 1024);

/** The replacements of a file of them: one, or a list. */
export function replacementsIn(file: YamlFile): Replacement[] {
  return list(replacement).parse([plainData(file.document)].flat());
}

/** Every file and directory that a kustomization names. */
export function pathsIn(fields: Fields): { readonly builds: readonly string[]; readonly files: readonly string[] } {
  const patches = [...fields.patches, ...fields.patchesJson6902, ...fields.replacements, fields.openapi ?? {}];
  return {
    // Each may be a directory with another kustomization in it.
    builds: [
      ...[...fields.resources, ...fields.bases, ...fields.components],
      ...[...fields.generators, ...fields.transformers, ...fields.validators],
    ],
    files: [
      ...fields.patchesStrategicMerge.filter((each) => !each.includes('\n')),
      ...patches.flatMap(({ path }) => path ?? []),
      ...otherFilesIn(fields),
      ...fields.helmCharts.flatMap((each) => [
        ...(each.valuesFile ? [each.valuesFile] : []),
        ...each.additionalValuesFiles,
      ]),
    ],
  };
}

/** Files that never decide an image by themselves, or do so in ways that are not modelled. */
export function otherFilesIn(fields: Fields): string[] {
  return [
    ...[...fields.configMapGenerator, ...fields.secretGenerator].flatMap(({ files, envs, env }) => [
      // `key=path`
      ...files.map((each) => each.slice(each.indexOf('=') + 1)),
      ...envs,
      ...(env ? [env] : []),
    ]),
    ...fields.configurations,
    ...fields.crds,
    ...(fields.openapi?.path ? [fields.openapi.path] : []),
  ];
}
