import { label } from '@k8sta/contracts';
import { commonOptions, flag, integer, list, type Options, option } from '@k8sta/runtime';
import { z } from 'zod';

const namespaces = list
  .refine(
    (names) => names.join() === '*' || (names.length > 0 && names.every((name) => label.safeParse(name).success)),
    'must be Kubernetes namespaces, separated by commas, or "*" alone for all of them',
  )
  .transform((names) => [...new Set(names)]);

/** What argo-watcher reads from its environment. */
export const options = {
  ...commonOptions,
  instance: option(
    'K8STA_ARGO_INSTANCE',
    label.default('default'),
    'The name of this Argo CD, or of a shard of it, on the bus. Each name needs its own argo-watcher: it publishes as gone every Application that the bus has under this name and its list does not contain.',
  ),
  namespaces: option(
    'K8STA_ARGO_NAMESPACES',
    namespaces.default(['argocd']),
    'The namespaces whose Applications are watched, separated by commas; "*" watches all with one cluster-wide watch.',
  ),
  selector: option(
    'K8STA_ARGO_SELECTOR',
    z.string().optional(),
    'A label selector: argo-watcher watches only the Applications that match it. An Application that no longer matches counts as gone. Watchers with different selectors need different instance names.',
  ),
  refresh: option(
    'K8STA_REFRESH',
    flag.default(false),
    'Whether argo-watcher asks Argo CD for a refresh, with an annotation on the Application. It needs the verb "patch" on Applications.',
  ),
  kubeconfig: option(
    'KUBECONFIG',
    z.string().optional(),
    "The kubeconfig file for the cluster. Without it: ~/.kube/config, or else the pod's service account.",
  ),
  pageSize: option(
    'K8STA_WATCH_PAGE_SIZE',
    integer(1, 10_000).default(500),
    'The number of Applications in one page of a list.',
  ),
  heartbeatMs: option(
    'K8STA_HEARTBEAT_MS',
    integer(50, 600_000).default(15_000),
    'How often argo-watcher publishes its heartbeat, `application.current`, in milliseconds.',
  ),
  idleMs: option(
    'K8STA_WATCH_IDLE_MS',
    integer(100, 600_000).default(60_000),
    'How long the Kubernetes API may be silent before a connection counts as broken, in milliseconds.',
  ),
} as const satisfies Options;
