import { applicationKey, type EditSource, type WantedImage } from '@k8sta/contracts';
import { PathMissing } from '../file-invalid.js';
import type { Named } from '../part.js';
import type { Renderer, Rendering } from '../renderer.js';
import { cleanPath, join, lookUp, rootOf, type Trees } from '../tree.js';
import { inlineOf } from './overrides.js';
import { type Release, usesOf } from './release.js';
import { directoriesOf } from './subcharts.js';
import { valueFilesOf } from './value-files.js';

/** Charts: in the repository, or in a registry with their values in the repository. */
export const helm: Renderer = {
  async matches(trees, source) {
    const { type, path } = source;
    if (type !== undefined) return type === 'Helm';
    if (path === undefined) return true;
    const root = await rootOf(trees, source);
    return root !== undefined && (await root.tree.entry(join(cleanPath(path) ?? '', 'Chart.yaml'))) !== undefined;
  },

  async render(trees, source, application): Promise<Rendering> {
    const release = await releaseOf(trees, source, application);
    const { uses, meaning } = await usesOf(release);
    const file = source.path === undefined ? 'its value files' : join(cleanPath(source.path) ?? '', 'values.yaml');
    return { uses, meaning, file, whyNotNamed: (image) => whyNotNamed(image, release) };
  },

  async reads(trees, source, application) {
    const { chart, files } = await releaseOf(trees, source, application);
    const directories = chart?.isEditable ? await directoriesOf(chart.tree, chart.path) : [];
    const values = new Set([
      ...files.filter(({ isEditable }) => isEditable).map(({ file }) => file),
      ...directories.map((each) => join(each, 'values.yaml')),
    ]);
    const parts = directories.flatMap((each) => ['templates', 'crds'].map((part) => `${join(each, part)}/`));
    return (file) => values.has(file) || parts.some((each) => file.startsWith(each));
  },
};

function whyNotNamed({ repository }: WantedImage, { chart, files }: Release): string {
  const where = files.length > 0 ? 'none of its values' : chart ? 'no value of the chart' : 'no value file in Git';
  return `does not name ${repository}: ${where} has it as a repository or as an image`;
}

async function releaseOf(trees: Trees, source: EditSource, application: Named): Promise<Release> {
  const root = source.path === undefined ? undefined : await rootOf(trees, source);
  const path = cleanPath(source.path ?? '');
  const who = applicationKey(application);
  if (path === undefined) throw new PathMissing(`the path "${source.path}" of ${who} leaves the repository`);
  if (root) {
    const at = await lookUp(root.tree, path);
    if (at?.is !== 'directory') throw new PathMissing(`${who}: there is no directory "${path}"`);
  }
  return {
    ...(root && { chart: { ...root, path } }),
    files: await valueFilesOf(trees, source, application),
    inline: inlineOf(source.overrides ?? []),
  };
}
