import assert from 'node:assert/strict';
import { z } from 'zod';
import { kustomize, type Manifest, render } from './kustomize.js';

const selector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z
    .array(z.strictObject({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }))
    .default([]),
});
const peer = z.strictObject({ podSelector: selector.optional(), namespaceSelector: selector.optional() });
const ports = z.array(z.strictObject({ port: z.union([z.int(), z.string()]), protocol: z.string().optional() }));
const policySchema = z.strictObject({
  podSelector: selector,
  policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
  ingress: z.array(z.strictObject({ from: z.array(peer).optional(), ports })).default([]),
  egress: z.array(z.strictObject({ to: z.array(peer).optional(), ports })).default([]),
});

const component = 'app.kubernetes.io/component';

function names({ matchLabels, matchExpressions }: z.infer<typeof selector>): string[] {
  const listed = matchExpressions.filter(({ key }) => key === component).flatMap(({ values }) => values);
  const [one] = [matchLabels[component]];
  return one ? [one] : listed.length > 0 ? listed : ['all'];
}

function peers(list: z.infer<typeof peer>[] | undefined): string[] {
  if (!list) return ['anyone'];
  return list.flatMap(({ podSelector, namespaceSelector }) =>
    namespaceSelector ? Object.values(namespaceSelector.matchLabels) : podSelector ? names(podSelector) : [],
  );
}

/** Every arrow that the policies allow, as `from > to:port` where it leaves and `to:port < from` where it comes in. */
function arrows(manifests: readonly Manifest[]): string[] {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => policySchema.parse(spec));
  const found = policies.flatMap(({ podSelector, ingress, egress }) =>
    names(podSelector).flatMap((pod) => [
      ...egress.flatMap(({ to, ports }) =>
        peers(to).flatMap((each) => ports.map(({ port }) => `${pod} > ${each}:${port}`)),
      ),
      ...ingress.flatMap(({ from, ports }) =>
        peers(from).flatMap((each) => ports.map(({ port }) => `${pod}:${port} < ${each}`)),
      ),
    ]),
  );
  return [...new Set(found)].sort();
}

const services = ['argo-watcher', 'board', 'ingest', 'promoter', 'tracker'];
const everywhere = [
  'all > kube-system:53',
  'argo-watcher > anyone:443',
  'argo-watcher > anyone:6443',
  'board:http < anyone',
  'ingest:http < anyone',
  'promoter > anyone:22',
  'promoter > anyone:443',
  ...services.map((service) => `${service}:status < monitoring`),
];

describe('deploy: the network policies', () => {
  before(function () {
    if (!kustomize) this.skip();
  });

  it('deny what nobody has allowed', async () => {
    for (const overlay of ['standalone', 'production']) {
      const manifests = await render(`overlays/${overlay}`);
      const deny = manifests.find(({ metadata }) => metadata.name === 'k8sta-default-deny');
      assert.deepEqual(deny?.['spec'], { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, overlay);
    }
  });

  it('allow exactly the arrows of the design, and each at both of its ends', async () => {
    assert.deepEqual(
      arrows(await render('overlays/standalone')),
      [
        ...everywhere,
        ...services.flatMap((service) => [`${service} > nats:4222`, `nats:client < ${service}`]),
        'nats > nats:6222',
        'nats:cluster < nats',
        'tracker > redis:6379',
        'redis:redis < tracker',
      ].sort(),
    );
  });

  it('lead to NATS and Redis elsewhere in production, and to nobody else', async () => {
    assert.deepEqual(
      arrows(await render('overlays/production')),
      [...everywhere, ...services.map((service) => `${service} > anyone:4222`), 'tracker > anyone:6379'].sort(),
    );
  });
});
