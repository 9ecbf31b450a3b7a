import { z } from 'zod';
import { type Announcement, announce } from './announcement.js';
import { jsonSender } from './json-sender.js';
import { hmac } from './proof.js';
import { pushTime } from './push-time.js';

/**
 * The fields that we read of GitHub's events `package` and `registry_package`
 * (https://docs.github.com/en/webhooks/webhook-events-and-payloads#package). They are told apart by their bodies, so that a
 * stored one can be read without its headers.
 */
const published = z.object({
  namespace: z.string().optional(),
  name: z.string(),
  package_type: z.string().optional(),
  ecosystem: z.string().optional(),
  owner: z.object({ login: z.string() }).optional(),
  package_version: z
    .object({
      package_url: z.string().nullish(),
      updated_at: z.unknown().optional(),
      container_metadata: z
        .object({
          tag: z.object({ name: z.string().nullish(), digest: z.string().nullish() }).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

const event = z.object({
  action: z.string().optional(),
  package: published.optional(),
  registry_package: published.optional(),
});

/**
 * GitHub posts one event for each manifest of a multi-platform image, and one for its index. Only the index has a tag
 * (https://github.com/orgs/community/discussions/22091).
 */
export const ghcr = jsonSender({
  name: 'ghcr',
  proof: hmac('X-Hub-Signature-256', { algorithm: 'sha256', prefix: 'sha256=', encoding: 'hex' }),
  // A form is what GitHub posts unless the webhook says otherwise.
  contentTypes: ['application/json', 'application/x-www-form-urlencoded'],
  payload: event,
  announced({ action, ...events }, { receivedAt }) {
    const pack = events.package ?? events.registry_package;
    if (!pack) return { ignored: 'not about a package' };
    if (action !== 'published' && action !== 'updated') return { ignored: 'a package was not published or updated' };
    if (!/^(container|docker)$/i.test(pack.package_type ?? pack.ecosystem ?? '')) {
      return { ignored: 'the package is not a container image' };
    }
    return [announcementOf(pack, receivedAt)];
  },
});

function announcementOf(pack: z.output<typeof published>, receivedAt: Date): Announcement {
  const { name, package_version } = pack;
  const { name: tag, digest } = package_version?.container_metadata?.tag ?? {};
  if (!tag) return { ignored: 'a manifest without a tag' };
  const url = package_version?.package_url;
  const owner = pack.owner?.login ?? pack.namespace;
  const repository = url ? withoutTag(url) : owner && `ghcr.io/${owner}/${name}`;
  const where = 'package.package_version.package_url';
  return announce(
    { repository: repository || undefined, tag, digest, where },
    pushTime(package_version?.updated_at, receivedAt),
  );
}

/** The URL ends with the tag, or with a bare ":" if there is none. */
function withoutTag(url: string): string {
  return url.replace(/(:[^/]*|@.*)$/, '');
}
