/** Images that others publish: they are updated for reasons of their own, and seldom ride a Track. */
const prefixes = [
  ...['docker.io/library/', 'docker.io/bitnami/', 'docker.io/bitnamilegacy/', 'docker.io/grafana/', 'docker.io/istio/'],
  ...['docker.io/prom/', 'docker.io/hashicorp/', 'docker.io/envoyproxy/', 'docker.io/fluent/', 'docker.io/timberio/'],
  ...['registry.k8s.io/', 'k8s.gcr.io/', 'gcr.io/distroless/', 'gcr.io/google-containers/', 'mcr.microsoft.com/'],
  ...['public.ecr.aws/', 'docker.elastic.co/', 'nvcr.io/', 'registry.access.redhat.com/', 'registry.redhat.io/'],
  ...['quay.io/argoproj/', 'quay.io/brancz/', 'quay.io/cilium/', 'quay.io/coreos/', 'quay.io/jetstack/'],
  ...['quay.io/keycloak/', 'quay.io/minio/', 'quay.io/oauth2-proxy/', 'quay.io/prometheus/', 'quay.io/strimzi/'],
  ...['quay.io/prometheus-operator/', 'quay.io/thanos/', 'quay.io/kiwigrid/', 'ghcr.io/dexidp/', 'ghcr.io/fluxcd/'],
  ...['ghcr.io/external-secrets/', 'ghcr.io/kyverno/', 'ghcr.io/stakater/', 'ghcr.io/cloudnative-pg/'],
];

export function isPublic(repository: string): boolean {
  return prefixes.some((prefix) => repository.startsWith(prefix));
}
