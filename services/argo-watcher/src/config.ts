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
    'The name of this Argo CD on the bus, or of a shard of it: each has watchers of its own, which take for gone what the bus shows under their name and their list does not.',
  ),
  namespaces: option(
    'K8STA_ARGO_NAMESPACES',
    namespaces.default(['argocd']),
    'The namespaces whose Applications are watched, separated by commas; "*" watches all with one cluster-wide watch.',
  ),
  selector: option(
    'K8STA_ARGO_SELECTOR',
    z.string().optional(),
    'A label selector: only Applications that match it are watched, and one that ceases to match counts as gone. Watchers with different selectors must be different instances.',
  ),
  refresh: option(
    'K8STA_REFRESH',
    flag.default(false),
    'Whether Argo CD is asked, by an annotation on the Application, to look at once. Needs the verb "patch" on Applications.',
  ),
  kubeconfig: option(
    'KUBECONFIG',
    z.string().optional(),
    "The kubeconfig file that leads to the cluster; without it ~/.kube/config, else the pod's service account.",
  ),
  pageSize: option(
    'K8STA_WATCH_PAGE_SIZE',
    integer(1, 10_000).default(500),
    'How many Applications one page of a list holds.',
  ),
  heartbeatMs: option(
    'K8STA_HEARTBEAT_MS',
    integer(50, 600_000).default(15_000),
    'How often the bus is told as of when the picture is current, in milliseconds.',
  ),
  idleMs: option(
    'K8STA_WATCH_IDLE_MS',
    integer(100, 600_000).default(60_000),
    'How long the Kubernetes API may be silent before a connection counts as broken, in milliseconds.',
  ),
} as const satisfies Options;
