import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

// As strict as kustomize where people go wrong: an unquoted `newTag: 1.10` is a number, and refused.
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

/** The names kustomize looks for, in its order. */
export const kustomizationFiles = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Throws with the words of the fault. YAML 1.1, as kustomize reads it. */
export function parseKustomization(text: string): Kustomization {
  const parsed = kustomization.safeParse(parse(text, { version: '1.1' }) ?? {}, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(issue ? wordsOf(issue) : parsed.error.message);
}

/** https://github.com/kubernetes-sigs/kustomize/issues/4081 has these words for an unquoted tag. */
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

/** The objects in a file of manifests. Throws with the words of the fault. */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => {
      if (document.errors[0]) throw document.errors[0];
      return document.toJS() as unknown;
    })
    .filter((value) => value !== null && value !== undefined)
    .map((value) => manifest.parse(value) as Manifest);
}

/** What the `images` of a kustomization make of an image reference; the first that matches counts. */
export function changeImage(reference: string, changes: readonly ImageChange[]): string {
  const { name, suffix } = splitImage(reference);
  const change = changes.find((each) => each.name === name);
  if (!change) return reference;
  const tag = change.newTag === undefined ? '' : `:${change.newTag}`;
  const digest = change.digest === undefined ? '' : `@${change.digest}`;
  return `${change.newName ?? name}${tag || digest ? `${tag}${digest}` : suffix}`;
}

function splitImage(reference: string): { name: string; suffix: string } {
  // A colon before the last slash belongs to the registry's port.
  const [, name = reference, suffix = ''] = /^(.*?)((?::[^:/@]+)?(?:@.+)?)$/.exec(reference) ?? [];
  return { name, suffix };
}
