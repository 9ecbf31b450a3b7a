import { z } from 'zod';
import { announce, atRegistry } from './announcement.js';
import { jsonSender } from './json-sender.js';
import { literalHeader } from './proof.js';
import { pushTime } from './push-time.js';

/** https://goharbor.io/docs/latest/working-with-projects/project-configuration/configure-webhooks/ */
const eventData = z.object({
  resources: z
    .array(
      z.object({ tag: z.unknown().optional(), digest: z.unknown().optional(), resource_url: z.string().optional() }),
    )
    .optional(),
  repository: z.object({ repo_full_name: z.string() }).optional(),
});

/** The default format, and the format "CloudEvents" with the same under `data`. */
const event = z.object({
  type: z.string(),
  occur_at: z.unknown().optional(),
  event_data: eventData.optional(),
  time: z.unknown().optional(),
  data: eventData.optional(),
});

const pushes = new Set(['PUSH_ARTIFACT', 'pushImage', 'harbor.artifact.pushed']);

export const harbor = jsonSender({
  name: 'harbor',
  proof: literalHeader('Authorization'),
  contentTypes: ['application/json', 'application/cloudevents+json'],
  payload: event,
  announced({ type, occur_at, event_data, time, data }, { receivedAt, registry }) {
    if (!pushes.has(type)) return { ignored: 'not the push of an artifact' };
    const { resources = [], repository } = event_data ?? data ?? {};
    const pushedAt = pushTime(occur_at ?? time, receivedAt);
    return resources.map(({ tag, digest, resource_url = '' }) => {
      const [host = '', path] = splitHost(resource_url);
      const name = repository?.repo_full_name ?? path;
      const where = 'resource_url';
      return announce({ repository: atRegistry(registry(host) ?? host, name), tag, digest, where }, pushedAt);
    });
  },
});

/** `harbor.example.com:8443/acme/app:1.0`, as its host and its repository. */
function splitHost(resourceUrl: string): [string, string] {
  const slash = resourceUrl.indexOf('/');
  const path = resourceUrl.slice(slash + 1).replace(/(@.*|:[^/]*)$/, '');
  return slash < 0 ? ['', path] : [resourceUrl.slice(0, slash), path];
}
