import { z } from 'zod';
import { type Announcement, announce, atRegistry } from './announcement.js';
import { type Context, jsonSender } from './json-sender.js';
import { literalHeader } from './proof.js';
import { pushTime } from './push-time.js';
import type { Sender } from './sender.js';

/** https://distribution.github.io/distribution/about/notifications/ */
const envelope = z.object({ events: z.array(z.unknown()) });

const event = z.object({
  action: z.string(),
  timestamp: z.unknown().optional(),
  target: z.object({ repository: z.string(), tag: z.unknown().optional(), digest: z.unknown().optional() }),
  request: z.object({ host: z.string() }),
});

/**
 * The notifications of the CNCF's distribution, which is also the registry of a self-managed GitLab. It posts the push of
 * every layer and manifest, several in one envelope, and posts an envelope again until it is accepted.
 */
function notifications(name: string): Sender {
  return jsonSender({
    name,
    proof: literalHeader('Authorization'),
    contentTypes: [
      'application/vnd.docker.distribution.events.v2+json',
      'application/vnd.docker.distribution.events.v1+json',
      'application/json',
    ],
    payload: envelope,
    stopsWhenRefused: true,
    announced: ({ events }, context) => events.map((each, at) => announcementOf(each, at, context)),
  });
}

function announcementOf(json: unknown, at: number, { receivedAt, registry }: Context): Announcement {
  const parsed = event.safeParse(json);
  if (!parsed.success) return { fault: `events[${at}] is not an event` };
  const { action, timestamp, target, request } = parsed.data;
  if (action !== 'push') return { ignored: 'not a push' };
  if (!target.tag) return { ignored: 'a layer, or a manifest without a tag' };
  // A registry behind a proxy may see a host that nobody pulls from.
  const repository = atRegistry(registry(request.host) ?? request.host, target.repository);
  return announce({ ...target, repository, where: `events[${at}]` }, pushTime(timestamp, receivedAt));
}

export const distribution = notifications('distribution');
export const gitlab = notifications('gitlab');
