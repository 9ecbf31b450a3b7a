import assert from 'node:assert/strict';
import { deploymentOf, environmentOf, optionsOf, serviceNames } from './environment.js';
import { kustomize, type Manifest, render, renderWith, workloads } from './kustomize.js';
import { faultsOf } from './schema.js';

/** How long a service finishes its work after SIGTERM. */
const drainSeconds = 25;

const variants: Record<string, () => Promise<Manifest[]>> = {
  'overlays/standalone': () => render('overlays/standalone'),
  'overlays/production': () => render('overlays/production'),
  'overlays/kind': () => render('overlays/kind'),
  'three NATS servers': () => renderWith('nats', 'nats-cluster', 'redis', 'network-policies'),
  'Redis with Sentinels': () => renderWith('nats', 'network-policies', 'redis-sentinel'),
  'Redis Cluster': () => renderWith('nats', 'network-policies', 'redis-cluster'),
  'NATS by creds': () => renderWith('nats-creds', 'ingress'),
  'sign-in to the board': () => renderWith('nats', 'redis', 'network-policies', 'sign-in'),
};

for (const [name, manifestsOf] of Object.entries(variants)) {
  describe(`deploy: ${name}`, () => {
    let manifests: Manifest[];

    before(async function () {
      // Neither kubectl nor kustomize is on PATH.
      if (!kustomize) this.skip();
      manifests = await manifestsOf();
    });

    it('renders objects that Kubernetes knows, field by field', () => {
      assert.ok(manifests.length > 10);
      const faults = manifests.flatMap((each) =>
        faultsOf(each).map((fault) => `${each.kind} ${each.metadata.name}: ${fault}`),
      );
      assert.deepEqual(faults, []);
    });

    it('sets what a service requires, and nothing that it does not know', () => {
      for (const service of serviceNames) {
        const environment = environmentOf(manifests, service);
        const options = Object.values(optionsOf[service]);
        const known = new Set(options.map(({ env }) => env));
        assert.deepEqual(
          Object.keys(environment).filter((variable) => !known.has(variable)),
          [],
          service,
        );
        const required = options.filter(({ schema }) => !schema.safeParse(undefined).success).map(({ env }) => env);
        assert.deepEqual(
          required.filter((variable) => !environment[variable]),
          [],
          service,
        );
      }
    });

    it('mounts exactly the directories that the configuration names files in', () => {
      for (const service of serviceNames) {
        const paths = Object.values(environmentOf(manifests, service)).filter((value) => value.startsWith('/'));
        const [{ volumeMounts }] = deploymentOf(manifests, service).spec.template.spec.containers;
        const mounts = volumeMounts.map(({ mountPath }) => mountPath);
        const isBelow = (path: string, mount: string) => path === mount || path.startsWith(`${mount}/`);
        // A setting may name a file in a mount, or a directory of mounts.
        const isIn = (path: string, mount: string) => isBelow(path, mount) || isBelow(mount, path);
        assert.deepEqual(
          mounts.filter((mount) => !paths.some((path) => isIn(path, mount))),
          [],
          service,
        );
        assert.deepEqual(
          paths.filter((path) => !mounts.some((mount) => isIn(path, mount))),
          [],
          service,
        );
      }
    });

    it('opens the ports that the services listen on', () => {
      for (const service of serviceNames) {
        const environment = environmentOf(manifests, service);
        const [{ ports }] = deploymentOf(manifests, service).spec.template.spec.containers;
        const listening = Object.entries(optionsOf[service]).flatMap(([key, { env, schema }]) =>
          /^(status|http)Port$/.test(key) ? [schema.parse(environment[env])] : [],
        );
        assert.deepEqual(ports.map(({ containerPort }) => containerPort).sort(), listening.sort(), service);
      }
    });

    it('stops what takes requests over HTTP only once nothing sends it new ones', () => {
      for (const service of ['ingest', 'board'] as const) {
        const { terminationGracePeriodSeconds, containers } = deploymentOf(manifests, service).spec.template.spec;
        const [, seconds] = containers[0].lifecycle?.preStop.exec.command ?? [];
        assert.equal(seconds, '5', service);
        assert.ok(terminationGracePeriodSeconds > Number(seconds) + drainSeconds, service);
      }
    });

    it('lets a pod do what it needs and no more', () => {
      for (const { metadata, spec } of workloads(manifests)) {
        const { automountServiceAccountToken, securityContext, containers } = spec.template.spec;
        assert.equal(automountServiceAccountToken, metadata.name === 'k8sta-argo-watcher', metadata.name);
        assert.equal(securityContext['runAsNonRoot'], true, metadata.name);
        assert.deepEqual(securityContext['seccompProfile'], { type: 'RuntimeDefault' }, metadata.name);
        const [container] = containers;
        assert.deepEqual(
          container.securityContext,
          { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          metadata.name,
        );
        assert.ok(container.resources.requests['memory'] && container.resources.limits['memory'], metadata.name);
        assert.doesNotMatch(container.image, /:latest$|^[^:]*$/);
      }
      for (const each of manifests.filter(({ kind }) => kind === 'ServiceAccount')) {
        assert.equal(each['automountServiceAccountToken'], false, each.metadata.name);
      }
    });

    it('lets nobody but the watcher into Kubernetes, and it only to Argo CD', () => {
      assert.deepEqual(
        manifests.filter(({ kind }) => /^Cluster/.test(kind)),
        [],
      );
      const roles = manifests.filter(({ kind }) => kind === 'Role');
      assert.deepEqual(
        roles.map(({ metadata }) => metadata.namespace),
        ['argocd'],
      );
      const refreshing = environmentOf(manifests, 'argo-watcher')['K8STA_REFRESH'] === 'true';
      assert.deepEqual(roles[0]?.['rules'], [
        { apiGroups: ['argoproj.io'], resources: ['applications', 'appprojects'], verbs: ['get', 'list', 'watch'] },
        ...(refreshing ? [{ apiGroups: ['argoproj.io'], resources: ['applications'], verbs: ['patch'] }] : []),
      ]);
    });

    it('holds no Secret: they are made by hand, or by secrets.sh', () => {
      assert.deepEqual(
        manifests.filter(({ kind }) => kind === 'Secret'),
        [],
      );
    });
  });
}
