import { parseImage, tag } from '@k8sta/contracts';
import { z } from 'zod';
import { jsonSender } from './json-sender.js';
import { pathSecret } from './proof.js';
import { pushTime } from './push-time.js';

/**
 * The fields that we read of Docker Hub's webhook (https://docs.docker.com/docker-hub/repos/manage/webhooks/). Docker Hub
 * signs nothing and sends no digest: only the secret in the path distinguishes its webhooks from forged ones.
 */
const webhook = z.object({
  push_data: z.object({ tag, pushed_at: z.unknown().optional() }),
  repository: z
    .object({ repo_name: z.string().optional(), namespace: z.string().optional(), name: z.string().optional() })
    .transform(({ repo_name, namespace, name }, context) => {
      const path = repo_name ?? (namespace && name ? `${namespace}/${name}` : undefined);
      const repository = path === undefined ? undefined : onDockerHub(path);
      if (repository !== undefined) return repository;
      context.addIssue({ code: 'custom', message: 'needs "repo_name", the name of a repository such as "acme/app"' });
      return z.NEVER;
    }),
});

/**
 * Docker Hub's webhooks. Anyone who knows the `callback_url` can report the outcome of this webhook to Docker Hub. It is a secret, so it must not
 * enter a stream. We never call it: no chain of webhooks depends on K8sTA.
 */
export const dockerHub = jsonSender({
  name: 'dockerhub',
  proof: pathSecret,
  payload: webhook,
  secretKeys: new Set(['callback_url']),
  announced: ({ push_data, repository }, { receivedAt }) => [
    { image: { repository, tag: push_data.tag }, pushedAt: pushTime(push_data.pushed_at, receivedAt) },
  ],
});

function onDockerHub(path: string): string | undefined {
  try {
    const { repository, tag, digest } = parseImage(`docker.io/${path}`);
    return tag === undefined && digest === undefined ? repository : undefined;
  } catch {
    return undefined;
  }
}
