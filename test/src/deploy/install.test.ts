import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { normaliseRepository } from '@k8sta/contracts';
import { loadConfig } from '@k8sta/runtime';
import { clusterPermissions, sentinelPermissions } from '@k8sta/sandbox';
import { options, redisAddress } from '@k8sta/tracker/config';
import { loadTracks } from '@k8sta/tracks';
import { parse } from 'yaml';
import { commandsOf } from '../../../scripts/walk.js';
import { environmentOf } from './environment.js';
import { find, kustomize, type Manifest, render, renderAt, renderWith, workloads } from './kustomize.js';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const text = readFileSync(join(repository, 'docs/install.md'), 'utf8');
const walk = commandsOf(text, 'By hand, on kind');

/** What of docs/install.md can be held against the repository; the rest is walked on kind, by .github/workflows. */
describe('docs/install.md', () => {
  it('shows commands that a shell can read', () => {
    const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
    for (const block of [walk, ...blocks]) {
      assert.equal(spawnSync('bash', ['-n'], { input: block }).status, 0, block);
    }
  });

  it('names files and directories that are there', () => {
    const named = [...text.matchAll(/(?<!\w|\w\/)deploy\/[\w./-]*\w/g)].map(([path]) => path);
    assert.ok(named.length > 10);
    for (const path of named) assert.ok(existsSync(join(repository, path)), path);
  });

  it('names the options of the services as they are', async () => {
    const sources = ['libs/runtime', 'services/tracker', 'services/promoter', 'services/argo-watcher']
      .map((at) => readFileSync(join(repository, at, 'src/config.ts'), 'utf8'))
      .concat(readFileSync(join(repository, 'compose.yaml'), 'utf8'));
    for (const [option] of text.matchAll(/K8STA_[A-Z_]+/g)) {
      assert.ok(
        sources.some((source) => source.includes(option)),
        option,
      );
    }
  });

  it('lists what the tracker may do in Sentinels and in a Redis Cluster, as the tests of both grant it', () => {
    assert.ok(text.includes(`\nuser tracker on ><password> ${sentinelPermissions}\n`));
    assert.ok(text.includes(`\n${clusterPermissions}\n`));
  });

  describe('with kustomize', () => {
    before(function () {
      if (!kustomize) this.skip();
    });

    it('lists exactly the Secrets that the pods ask for', async () => {
      const manifests = (
        await Promise.all([
          ...['standalone', 'production'].map((overlay) => render(`overlays/${overlay}`)),
          renderWith('nats', 'network-policies', 'sign-in', 'notifier'),
        ])
      ).flat();
      const asked = workloads(manifests).flatMap(({ spec }) =>
        spec.template.spec.volumes.flatMap(({ secret, projected }) => [
          ...(secret ? [secret.secretName] : []),
          ...(projected?.sources.flatMap(({ secret: each }) => (each ? [each.name] : [])) ?? []),
        ]),
      );
      const rows = [...text.matchAll(/^\| `(k8sta-[\w<>-]+)` \|/gm)].map(([, name = '']) => name);
      const services = ['ingest', 'tracker', 'promoter', 'argo-watcher', 'board', 'notifier'];
      const listed = rows.flatMap((name) => (name.includes('<') ? services.map((each) => `k8sta-nats-${each}`) : name));
      assert.deepEqual(
        listed.filter((name) => !['k8sta-nats-tap', 'k8sta-nats-operator'].includes(name)).sort(),
        [...new Set(asked)].sort(),
      );
    });

    /** The overlay that is shown, upon the one of ours that is named, with what another block adds to it. */
    async function rendered(upon: string, addition: RegExp): Promise<Manifest[]> {
      const [, overlay = ''] = /```yaml\n(apiVersion: kustomize[\s\S]*?)```/.exec(text) ?? [];
      const [, added = ''] = addition.exec(text) ?? [];
      assert.ok(added);
      const directory = await mkdtemp(join(tmpdir(), 'k8sta-install-'));
      const base = relative(directory, join(repository, 'deploy/overlays', upon));
      const whole = { ...parse(overlay.replace(/https:\S+/, base)), ...parse(added) };
      await writeFile(join(directory, 'kustomization.yaml'), JSON.stringify(whole));
      await writeFile(join(directory, 'tracks.yaml'), 'tracks: []\n');
      const manifests = await renderAt(directory);
      await rm(directory, { recursive: true });
      assert.deepEqual(find(manifests, 'ConfigMap', 'k8sta-tracks').data, { 'tracks.yaml': 'tracks: []\n' });
      const images = workloads(manifests)
        .filter(({ kind }) => kind === 'Deployment')
        .map(({ spec }) => spec.template.spec.containers[0].image);
      assert.equal(images.length, 5);
      for (const image of images) assert.match(image, /^registry\.example\.com\/k8sta\/[a-z-]+:0\.1\.0$/);
      return manifests;
    }

    it('shows an overlay that renders, with the images and Tracks it says, for an Argo CD elsewhere', async () => {
      const manifests = await rendered('standalone', /```yaml\n(patches:[\s\S]*?)```/);
      assert.equal(environmentOf(manifests, 'argo-watcher')['K8STA_ARGO_NAMESPACES'], 'openshift-gitops');
      for (const kind of ['Role', 'RoleBinding']) {
        assert.equal(find(manifests, kind, 'k8sta-argo-watcher').metadata.namespace, 'openshift-gitops');
      }
    });

    it('shows one upon production, with its addresses and its host', async () => {
      const manifests = await rendered('production', /```yaml\n(configMapGenerator:[\s\S]*?)```/);
      const { K8STA_NATS_URL, K8STA_STREAM_REPLICAS, K8STA_REDIS_URL } = environmentOf(manifests, 'tracker');
      assert.match(`${K8STA_NATS_URL} ${K8STA_STREAM_REPLICAS} ${K8STA_REDIS_URL}`, /^tls:\S+ 3 rediss:/);
      const { spec } = find(manifests, 'Ingress', 'k8sta') as Manifest & { spec: { ingressClassName?: string } };
      assert.equal(spec.ingressClassName, 'nginx');
    });

    it('names Sentinels, or nodes of a Redis Cluster, with which the tracker starts and which it may reach', async () => {
      for (const [component, mode, ports] of [
        ['redis-sentinel', 'sentinel', [6379, 26_379]],
        ['redis-cluster', 'cluster', [6379]],
      ] as const) {
        const manifests = await renderWith('nats', 'network-policies', component);
        const entries = Object.entries(environmentOf(manifests, 'tracker'));
        // The files are in the Secrets, which this test does not mount.
        const environment = Object.fromEntries(entries.filter(([name]) => !name.endsWith('_FILE')));
        const address = redisAddress(loadConfig(options, environment));
        assert.deepEqual([address.mode, address.urls.length], [mode, 3], component);
        const policy = find(manifests, 'NetworkPolicy', 'k8sta-tracker')['spec'] as {
          egress: { ports: { port: number }[] }[];
        };
        assert.deepEqual(
          policy.egress[1]?.ports.map(({ port }) => port),
          ports,
          component,
        );
      }
    });

    it('walks to Applications whose files name the image of the Track', async () => {
      const overlay = join(repository, 'deploy/overlays/kind');
      const manifests = await render('overlays/kind');
      const tracks = await loadTracks([join(overlay, 'tracks.yaml')]);
      for (const { name } of tracks.flatMap(({ stations }) => stations.flatMap(({ applications }) => applications))) {
        const { source } = find(manifests, 'Application', name)['spec'] as { source: { path: string } };
        const file = join(overlay, 'repository', source.path, 'kustomization.yaml');
        const [image] = parse(readFileSync(file, 'utf8')).images;
        assert.deepEqual(
          tracks[0]?.images.map(({ repository: each }) => each),
          [normaliseRepository(image.name)],
        );
        assert.match(walk, new RegExp(`podinfo ${image.newTag}`));
      }
    });
  });
});
