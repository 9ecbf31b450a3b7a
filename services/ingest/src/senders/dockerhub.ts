import { createHash } from 'node:crypto';
import { parseImage, tag } from '@k8sta/contracts';
import { formatIssues } from '@k8sta/text';
import { z } from 'zod';
import { readJson, writeJsonWithout } from './json.js';
import { pathSecret } from './proof.js';
import type { Sender } from './sender.js';

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
 * Anyone who knows the `callback_url` can report the outcome of this webhook to Docker Hub. It is a secret, so it must not
 * enter a stream. We never call it: no chain of webhooks depends on K8sTA.
 */
const secretKeys = new Set(['callback_url']);

export const dockerHub: Sender = {
  name: 'dockerhub',
  proof: pathSecret,
  read(headers, bytes, receivedAt) {
    const read = readJson(headers, bytes);
    if ('refusal' in read) return read;
    const parsed = webhook.safeParse(read.json);
    if (!parsed.success) return { refusal: 'invalid', message: formatIssues(parsed.error, 'the body') };
    const body = writeJsonWithout(read.json, secretKeys);
    if (body === undefined) return { refusal: 'invalid', message: 'the body is nested too deeply' };
    const { push_data, repository } = parsed.data;
    return {
      id: createHash('sha256').update(bytes).digest('hex'),
      contentType: 'application/json',
      body,
      pushes: [{ image: { repository, tag: push_data.tag }, pushedAt: momentOf(push_data.pushed_at, receivedAt) }],
    };
  },
};

function onDockerHub(path: string): string | undefined {
  try {
    const { repository, tag, digest } = parseImage(`docker.io/${path}`);
    return tag === undefined && digest === undefined ? repository : undefined;
  } catch {
    return undefined;
  }
}

/** Docker Hub did not exist before this. */
const earliest = Date.UTC(2010, 0);

/**
 * `pushed_at` counts seconds. It orders a lane, so the time of receipt replaces a value that cannot be a push time. That
 * includes a time after receipt: if the sender's clock is ahead, its push must not overtake the next ones.
 */
function momentOf(pushedAt: unknown, receivedAt: Date): Date {
  const ms = typeof pushedAt === 'number' ? Math.round(pushedAt * 1000) : Number.NaN;
  return ms >= earliest && ms <= receivedAt.getTime() ? new Date(ms) : receivedAt;
}
