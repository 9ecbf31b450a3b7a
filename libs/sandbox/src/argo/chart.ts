import { posix } from 'node:path';
import { parse } from 'yaml';
import { type Manifest, parseManifests } from './kustomization.js';

/** What an Application says of its chart (ApplicationSourceHelm of argo-cd). */
export interface HelmOptions {
  valueFiles?: string[];
  ignoreMissingValueFiles?: boolean;
}

/** Reads the repository: a file's text, or the names in a folder. */
interface Files {
  file(path: string): Promise<string | undefined>;
  folder(path: string): Promise<string[] | undefined>;
}

/** Argo CD's message for a fault of `helm template`. */
export function helmFailure(release: string, fault: string): string {
  return `\`helm template . --name-template ${release} --include-crds\` failed exit status 1: Error: ${fault}`;
}

/**
 * Renders a chart with the subset of Helm that the stand-in supports: its values.yaml and the value files, merged in
 * their order, and templates with `{{ .Values.a.b }}` and `{{ .Release.Name }}`. Throws an error with Helm's words.
 */
export async function renderChart(
  tree: Files,
  path: string,
  { valueFiles = [], ignoreMissingValueFiles = false }: HelmOptions,
  release: string,
): Promise<Manifest[]> {
  const own = await tree.file(posix.join(path, 'values.yaml'));
  let values = own === undefined ? {} : read(own);
  for (const name of valueFiles) {
    const file = name.startsWith('/') ? posix.normalize(name.slice(1)) : posix.join(path, name);
    const text = await tree.file(file);
    if (text !== undefined) values = merge(values, read(text));
    else if (!ignoreMissingValueFiles)
      throw new Error(`open <path to cached source>/${file}: no such file or directory`);
  }
  const manifests: Manifest[] = [];
  const folder = posix.join(path, 'templates');
  for (const name of ((await tree.folder(folder)) ?? []).filter((each) => /\.ya?ml$/.test(each)).sort()) {
    const template = (await tree.file(posix.join(folder, name))) ?? '';
    manifests.push(...parseManifests(fill(template, name, { Values: values, Release: { Name: release } })));
  }
  return manifests;
}

function fill(template: string, name: string, scope: Record<string, unknown>): string {
  return template.replaceAll(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_all, expression: string) => {
    const path = /^\.(Values|Release)((?:\.[A-Za-z0-9_]+)+)$/.exec(expression);
    if (!path) throw new Error(`parse error at (${name}): the stand-in does not know the expression "${expression}"`);
    const value = [path[1] ?? '', ...(path[2] ?? '').split('.').slice(1)].reduce<unknown>(
      (inner, key) => (isMapping(inner) ? inner[key] : undefined),
      scope,
    );
    return value === undefined || value === null ? '' : String(value);
  });
}

function read(text: string): Record<string, unknown> {
  const values = parse(text, { version: '1.1' }) as unknown;
  if (values === null) return {};
  if (!isMapping(values)) throw new Error('error unmarshaling JSON: while decoding JSON: json: cannot unmarshal');
  return values;
}

function merge(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const out = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const known = out[key];
    if (value === null) delete out[key];
    else out[key] = isMapping(value) && isMapping(known) ? merge(known, value) : value;
  }
  return out;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
