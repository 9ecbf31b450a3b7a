import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { options } from '@k8sta/notifier/config';
import { parse } from 'yaml';
import { find, kustomize, type Manifest, renderOverlay, renderWith, workloads } from './kustomize.js';
import { faultsOf } from './schema.js';

const documents = fileURLToPath(new URL('../../../docs', import.meta.url));

describe('deploy: the component notifier', () => {
  let manifests: Manifest[];

  before(async function () {
    if (!kustomize) this.skip();
    manifests = await renderWith('nats', 'redis', 'network-policies', 'notifier');
  });

  const notifier = () => {
    const found = workloads(manifests).find(({ metadata }) => metadata.name === 'k8sta-notifier');
    assert.ok(found);
    return found.spec.template.spec;
  };

  it('renders objects that Kubernetes knows, field by field', () => {
    const faults = manifests.flatMap((each) =>
      faultsOf(each).map((fault) => `${each.kind} ${each.metadata.name}: ${fault}`),
    );
    assert.deepEqual(faults, []);
  });

  it('sets what the notifier requires, mounts what it names, and grants nothing else', () => {
    const [{ env, volumeMounts, securityContext }] = notifier().containers;
    const known = Object.values(options).map(({ env: name }) => name);
    assert.deepEqual(
      env.map(({ name }) => name).filter((name) => !known.includes(name)),
      [],
    );
    assert.ok(env.some(({ name }) => name === options.rules.env));
    const files = env.flatMap(({ value = '' }) => (value.startsWith('/') ? value : []));
    const mounts = volumeMounts.map(({ mountPath }) => mountPath);
    for (const file of files)
      assert.ok(
        mounts.some((mount) => file === mount || file.startsWith(`${mount}/`)),
        file,
      );
    assert.equal(files.length, mounts.length);
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.equal(notifier().automountServiceAccountToken, false);
    assert.equal(find(manifests, 'ServiceAccount', 'k8sta-notifier')['automountServiceAccountToken'], false);
    assert.deepEqual(
      notifier().volumes.flatMap(({ secret }) => secret?.secretName ?? []),
      ['k8sta-nats-notifier', 'k8sta-notifier'],
    );
  });

  it('takes the rules from the overlay that docs/notifications.md shows', async () => {
    const page = await readFile(join(documents, 'notifications.md'), 'utf8');
    const [, shown = ''] = /```yaml\n( *configMapGenerator:[\s\S]*?)```/.exec(page) ?? [];
    const rules = await readFile(join(documents, 'examples/notifications.yaml'), 'utf8');
    const rendered = await renderOverlay(['network-policies', 'notifier'], parse(shown), { 'rules.yaml': rules });
    assert.deepEqual(find(rendered, 'ConfigMap', 'k8sta-notifications').data, { 'rules.yaml': rules });
  });
});
