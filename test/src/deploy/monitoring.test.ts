import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { environmentOf, serviceNames } from './environment.js';
import { deployDirectory, find, kustomize, type Manifest, renderWith, workloads } from './kustomize.js';
import { faultsOf } from './schema.js';

describe('deploy: components/monitoring', () => {
  let manifests: Manifest[];

  before(async function () {
    // Neither kubectl nor kustomize is on PATH.
    if (!kustomize) this.skip();
    manifests = await renderWith('nats', 'redis', 'monitoring');
  });

  const text = (name: string) => readFile(join(deployDirectory, 'components/monitoring', name), 'utf8');

  it("puts the dashboard where Grafana's sidecar looks for it", async () => {
    const { metadata, data } = find(manifests, 'ConfigMap', 'k8sta-dashboard');
    assert.equal(metadata.labels?.['grafana_dashboard'], '1');
    assert.deepEqual(data, { 'k8sta.json': await text('dashboard.json') });
  });

  it('gives the Prometheus Operator the rules of the plain file', async () => {
    const { spec } = z.looseObject({ spec: z.unknown() }).parse(find(manifests, 'PrometheusRule', 'k8sta'));
    assert.deepEqual(spec, parse(await text('rules.yaml')));
  });

  it('scrapes a port that each of our pods has', () => {
    const monitor = z
      .looseObject({
        spec: z.object({
          selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
          podMetricsEndpoints: z.tuple([z.looseObject({ port: z.string() })]),
        }),
      })
      .parse(find(manifests, 'PodMonitor', 'k8sta')).spec;
    const [{ port }] = monitor.podMetricsEndpoints;
    const pods = workloads(manifests).filter(({ kind }) => kind === 'Deployment');
    assert.ok(pods.length >= 4);
    for (const { metadata, spec } of pods) {
      const [{ ports }] = spec.template.spec.containers;
      assert.ok(
        ports.some(({ name }) => name === port),
        metadata.name,
      );
    }
  });
});

describe('deploy: components/traces', () => {
  it('names the receiver to every service, and lets it through the network policies', async function () {
    if (!kustomize) this.skip();
    const manifests = await renderWith('nats', 'redis', 'network-policies', 'traces');
    for (const service of serviceNames) {
      const { K8STA_NATS_URL, OTEL_EXPORTER_OTLP_ENDPOINT } = environmentOf(manifests, service);
      assert.equal(OTEL_EXPORTER_OTLP_ENDPOINT, 'http://otel-collector.monitoring:4318', service);
      assert.ok(K8STA_NATS_URL);
    }
    const policy = find(manifests, 'NetworkPolicy', 'k8sta-traces');
    assert.deepEqual(faultsOf(policy), []);
    assert.match(JSON.stringify(policy), /"port":4318/);
  });
});
