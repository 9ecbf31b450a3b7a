import { createHash } from 'node:crypto';
import { parseImage, spellIssues, tag } from '@k8sta/contracts';
import { z } from 'zod';
import { readJson, writeJsonWithout } from './json.js';
import type { Sender } from './sender.js';

/**
 * What Docker Hub posts, as far as we read it (https://docs.docker.com/docker-hub/repos/manage/webhooks/). It signs
 * nothing and sends no digest: the secret path is all that tells it from others.
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
 * Whoever knows the `callback_url` may report the outcome of this webhook to Docker Hub: it is a secret in itself, so it
 * must not enter a stream. We never call it: the chains of webhooks that it once served do not depend on us.
 */
const secretKeys = new Set(['callback_url']);

export const dockerHub: Sender = {
  name: 'dockerhub',
  read(headers, bytes, receivedAt) {
    const read = readJson(headers, bytes);
    if ('refusal' in read) return read;
    const parsed = webhook.safeParse(read.json);
    if (!parsed.success) return { refusal: 'invalid', message: spellIssues(parsed.error, 'the body') };
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

/** Docker Hub did not exist before. */
const earliest = Date.UTC(2010, 0);

/**
 * `pushed_at` counts seconds. It orders a lane, so the time of receipt replaces what cannot be a push time. That includes
 * a time later than receipt: a sender's clock that is ahead must not let its push overtake the next ones.
 */
function momentOf(pushedAt: unknown, receivedAt: Date): Date {
  const ms = typeof pushedAt === 'number' ? Math.round(pushedAt * 1000) : Number.NaN;
  return ms >= earliest && ms <= receivedAt.getTime() ? new Date(ms) : receivedAt;
}
