import { randomBytes } from 'node:crypto';
import { startArgoCd, until } from '@k8sta/sandbox';
import {
  ApiException,
  ApiextensionsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { argoResources } from './request.js';

/** A Kubernetes API with two namespaces of its own: the stand-in's, or that of a real cluster. */
export interface World {
  readonly kubeconfig: string;
  readonly namespaces: readonly [string, string];
  create(name: string, more?: { namespace?: string; labels?: Record<string, string>; status?: object }): Promise<Item>;
  /** A merge patch. */
  patch(name: string, body: object): Promise<Item>;
  get(name: string): Promise<Item>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface Item {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion: string;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: object;
}

/** The stand-in, unless `npm run test:kube` asks for the cluster that `KUBECONFIG` names. */
export async function openWorld(): Promise<World> {
  const isReal = process.env['K8STA_TEST_CLUSTER'] === 'true';
  return isReal ? openCluster(process.env['KUBECONFIG'] ?? '') : openStandIn();
}

async function openStandIn(): Promise<World> {
  const argo = await startArgoCd({ isControlled: false, bookmarkMs: 100 });
  return worldOf(argo.kubeconfig, ['argocd', 'teams'], () => argo.stop());
}

/** Leaves the cluster as it was: creates and removes the definition of Applications only if there was none. */
async function openCluster(kubeconfig: string): Promise<World> {
  const config = configOf(kubeconfig);
  const definitions = config.makeApiClient(ApiextensionsV1Api);
  const core = config.makeApiClient(CoreV1Api);
  const suffix = randomBytes(3).toString('hex');
  const namespaces = [`k8sta-test-${suffix}`, `k8sta-test-${suffix}-teams`] as const;
  const isOurs = await define(definitions);
  // An API server may serve only custom resources, and then does not check the namespace.
  for (const name of namespaces) await core.createNamespace({ body: { metadata: { name } } }).catch(ifNoSuchResource);
  const world = worldOf(kubeconfig, namespaces, async () => {
    for (const name of namespaces) await core.deleteNamespace({ name }).catch(ifNoSuchResource);
    if (isOurs) await definitions.deleteCustomResourceDefinition({ name: definition.metadata.name });
  });
  await untilServed(config);
  return world;
}

/** The part of Argo CD's definition that the API server needs: the status is not a subresource. */
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `applications.${argoResources.group}` },
  spec: {
    group: argoResources.group,
    names: { kind: 'Application', listKind: 'ApplicationList', plural: 'applications', singular: 'application' },
    scope: 'Namespaced',
    versions: [
      {
        ...{ name: argoResources.version, served: true, storage: true, subresources: {} },
        schema: { openAPIV3Schema: { type: 'object', x_kubernetes_preserve_unknown_fields: true } },
      },
    ],
  },
};

/** Whether it did not exist before. */
async function define(definitions: ApiextensionsV1Api): Promise<boolean> {
  try {
    await definitions.createCustomResourceDefinition({ body: definition });
    return true;
  } catch (error) {
    if (error instanceof ApiException && error.code === 409) return false;
    throw error;
  }
}

/** The API server serves a definition a moment after it accepts it. */
async function untilServed(config: KubeConfig): Promise<void> {
  const objects = config.makeApiClient(CustomObjectsApi);
  const isServed = () =>
    objects.listClusterCustomObject({ ...argoResources, plural: 'applications', limit: 1 }).then(
      () => true,
      (error: unknown) => void ifNoSuchResource(error),
    );
  await until(isServed, { what: 'Applications being served', deadlineMs: 30_000 });
}

function ifNoSuchResource(error: unknown): undefined {
  if (error instanceof ApiException && error.code === 404) return undefined;
  throw error;
}

function worldOf(kubeconfig: string, namespaces: readonly [string, string], close: () => Promise<void>): World {
  const objects = configOf(kubeconfig).makeApiClient(CustomObjectsApi);
  const made: { namespace: string; name: string }[] = [];
  const at = { ...argoResources, plural: 'applications' };
  const here = (name: string) => ({ ...at, namespace: namespaces[0], name });
  const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
  return {
    kubeconfig,
    namespaces,
    async create(name, { namespace = namespaces[0], labels = {}, status } = {}) {
      made.push({ namespace, name });
      const body = {
        ...{ apiVersion: `${at.group}/${at.version}`, kind: 'Application', metadata: { name, labels } },
        spec: {
          project: 'default',
          source: { repoURL: 'https://git.example.com/x', targetRevision: 'main', path: '.' },
        },
        ...(status && { status }),
      };
      return objects.createNamespacedCustomObject({ ...at, namespace, body });
    },
    patch: (name, body) => objects.patchNamespacedCustomObject({ ...here(name), body }, mergePatch),
    get: (name) => objects.getNamespacedCustomObject(here(name)),
    remove: (name) => objects.deleteNamespacedCustomObject(here(name)),
    async close() {
      // Before the definition, whose deletion would remove them later.
      for (const each of made) await objects.deleteNamespacedCustomObject({ ...at, ...each }).catch(ifNoSuchResource);
      await close();
    },
  };
}

function configOf(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
}
