import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

// As strict as kustomize for common mistakes: an unquoted `newTag: 1.10` is a number, and kustomize refuses it.
const image = z.looseObject({
  name: z.string(),
  newName: z.string().optional(),
  newTag: z.string().optional(),
  digest: z.string().optional(),
});

const kustomization = z.looseObject({
  resources: z.array(z.string()).nullish(),
  bases: z.array(z.string()).nullish(),
  components: z.array(z.string()).nullish(),
  images: z.array(image).nullish(),
  namespace: z.string().optional(),
  namePrefix: z.string().optional(),
  nameSuffix: z.string().optional(),
  patches: z.array(z.looseObject({ path: z.string().optional() })).nullish(),
});

export type Kustomization = z.infer<typeof kustomization>;
export type ImageChange = z.infer<typeof image>;

/** The file names that kustomize looks for, in its order. */
export const kustomizationFiles = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Parses YAML 1.1, like kustomize. Throws an error that describes the fault. */
export function parseKustomization(text: string): Kustomization {
  const parsed = kustomization.safeParse(parse(text, { version: '1.1' }) ?? {}, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(issue ? wordsOf(issue) : parsed.error.message);
}

/** The message of kustomize for an unquoted tag: https://github.com/kubernetes-sigs/kustomize/issues/4081 */
function wordsOf({ code, path, message, ...issue }: z.core.$ZodIssue): string {
  const fields = path.filter((each) => typeof each === 'string').join('.');
  if (code !== 'invalid_type' || !('expected' in issue)) return `${fields}: ${message}`;
  const given = Array.isArray(issue.input) ? 'array' : issue.input === null ? 'null' : typeof issue.input;
  const type = issue.expected === 'array' ? '[]string' : issue.expected;
  const struct = fields.startsWith('images.') ? 'Image' : 'Kustomization';
  return `json: cannot unmarshal ${given === 'boolean' ? 'bool' : given} into Go struct field ${struct}.${fields} of type ${type}`;
}

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  [key: string]: unknown;
}

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

/** The objects in a file of manifests. Throws an error that describes the fault. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => {
      if (document.errors[0]) throw document.errors[0];
      return document.toJS() as unknown;
    })
    .filter((value) => value !== null && value !== undefined)
    .map((value) => manifest.parse(value) as Manifest);
}

/** Applies the `images` of a kustomization to an image reference; the first matching entry counts. */
export function changeImage(reference: string, changes: readonly ImageChange[]): string {
  const { name, suffix } = splitImage(reference);
  const change = changes.find((each) => each.name === name);
  if (!change) return reference;
  const tag = change.newTag === undefined ? '' : `:${change.newTag}`;
  const digest = change.digest === undefined ? '' : `@${change.digest}`;
  return `${change.newName ?? name}${tag || digest ? `${tag}${digest}` : suffix}`;
}

function splitImage(reference: string): { name: string; suffix: string } {
  // A colon before the last slash separates the registry's port.
  const [, name = reference, suffix = ''] = /^(.*?)((?::[^:/@]+)?(?:@.+)?)$/.exec(reference) ?? [];
  return { name, suffix };
}
