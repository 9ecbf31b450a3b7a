import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

export const deployDirectory = fileURLToPath(new URL('../../../deploy', import.meta.url));

const stringMap = z.record(z.string(), z.string());
const labelled = z.looseObject({ name: z.string(), namespace: z.string().optional(), labels: stringMap.optional() });
const anyObject = z.record(z.string(), z.unknown());

/** Any object of Kubernetes: what all of them have in common. */
export const manifestSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: labelled,
  data: stringMap.optional(),
  stringData: stringMap.optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;

const volume = z.looseObject({
  name: z.string(),
  secret: z.object({ secretName: z.string(), optional: z.boolean().optional() }).optional(),
  configMap: z.object({ name: z.string() }).optional(),
  projected: z
    .object({
      sources: z.array(
        z.object({
          secret: z.object({ name: z.string() }).optional(),
          configMap: z.object({ name: z.string() }).optional(),
        }),
      ),
    })
    .optional(),
  emptyDir: anyObject.optional(),
});

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  ports: z.array(z.looseObject({ name: z.string(), containerPort: z.int() })),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  envFrom: z.array(z.strictObject({ configMapRef: z.object({ name: z.string() }) })).default([]),
  lifecycle: z.object({ preStop: z.object({ exec: z.object({ command: z.array(z.string()) }) }) }).optional(),
  resources: z.looseObject({ requests: stringMap, limits: stringMap }),
  securityContext: anyObject,
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() })),
});

const workloadSchema = z.looseObject({
  kind: z.enum(['Deployment', 'StatefulSet']),
  metadata: labelled,
  spec: z.looseObject({
    replicas: z.int().optional(),
    template: z.looseObject({
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.int().default(30),
        serviceAccountName: z.string().optional(),
        automountServiceAccountToken: z.boolean(),
        securityContext: anyObject,
        containers: z.tuple([container]),
        volumes: z.array(volume),
      }),
    }),
  }),
});

/** A pod that something keeps running, with its one container. */
export type Workload = z.infer<typeof workloadSchema>;

/** What runs in K8sTA's own namespace; the Git server that one tries things on is none of it. */
export function workloads(manifests: readonly Manifest[]): Workload[] {
  return manifests
    .filter(({ kind, metadata }) => metadata.namespace === 'k8sta' && /^(Deployment|StatefulSet)$/.test(kind))
    .map((each) => workloadSchema.parse(each));
}

/** `kubectl kustomize` or `kustomize build`, whichever is on PATH; undefined when neither is. */
export const kustomize = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
].find(([command = '', verb = '']) => spawnSync(command, [verb, '--help'], { stdio: 'ignore' }).status === 0);

/** The objects of a kustomization, by its path within deploy/. */
export function render(path: string): Promise<Manifest[]> {
  return renderAt(join(deployDirectory, path));
}

/** The objects of the base with these components, as a user's own overlay would have them. */
export async function renderWith(...components: string[]): Promise<Manifest[]> {
  return renderOverlay(components);
}

/** The objects of the base and of these components, in an overlay that adds this to them, beside these files. */
export async function renderOverlay(
  components: readonly string[],
  added: object = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Manifest[]> {
  const directory = await mkdtemp(join(tmpdir(), 'k8sta-overlay-'));
  const from = (path: string) => relative(directory, join(deployDirectory, path));
  const named = components.map((name) => from(`components/${name}`));
  const overlay = { resources: [from('base')], components: named, ...added };
  await writeFile(join(directory, 'kustomization.yaml'), JSON.stringify(overlay));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  try {
    return await renderAt(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The objects of a kustomization anywhere. */
export async function renderAt(directory: string): Promise<Manifest[]> {
  const [command = '', verb = ''] = kustomize ?? [];
  const { stdout } = await promisify(execFile)(command, [verb, directory], { maxBuffer: 64 * 1024 * 1024 });
  return parseManifests(stdout);
}

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((object) => object !== null)
    .map((object) => manifestSchema.parse(object));
}

/** The one object of this kind and name; a generated ConfigMap is named without its hash. */
export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const exact = manifests.find((each) => each.kind === kind && each.metadata.name === name);
  const hashed = new RegExp(`^${name}-[a-z0-9]{10}$`);
  const found = exact ?? manifests.find((each) => each.kind === kind && hashed.test(each.metadata.name));
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
}
