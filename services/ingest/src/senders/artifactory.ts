import { z } from 'zod';
import { announce, atRegistry } from './announcement.js';
import { jsonSender } from './json-sender.js';
import { hmac } from './proof.js';

/** https://docs.jfrog.com/administration/docs/event-types, domain "docker" */
const event = z.object({
  domain: z.string(),
  event_type: z.string(),
  data: z.unknown().optional(),
  jpd_origin: z.string().optional(),
});

const pushed = z.object({
  repo_key: z.string(),
  image_name: z.string(),
  tag: z.unknown().optional(),
  /** Of the manifest's file, which is the digest of the image. */
  sha256: z.string().nullish(),
});

/** JFrog Artifactory, with "Use secret for payload signing". It sends no time. */
export const artifactory = jsonSender({
  name: 'artifactory',
  proof: hmac('X-JFrog-Event-Auth', { algorithm: 'sha256', prefix: '', encoding: 'hex' }),
  payload: event,
  announced({ domain, event_type, data, jpd_origin = '' }, { receivedAt, registry }) {
    if (domain !== 'docker' || event_type !== 'pushed') return { ignored: 'not the push of an image' };
    const parsed = pushed.safeParse(data);
    if (!parsed.success) return [{ fault: 'data needs "repo_key" and "image_name"' }];
    const { repo_key, image_name, tag, sha256 } = parsed.data;
    // Without a configuration: the "repository path" method, where the repository is the first part of the path.
    const host = registry(repo_key) ?? `${hostOf(jpd_origin)}/${repo_key}`;
    const digest = sha256 ? `sha256:${sha256}` : undefined;
    return [announce({ repository: atRegistry(host, image_name), tag, digest, where: 'jpd_origin' }, receivedAt)];
  },
});

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : '';
}
