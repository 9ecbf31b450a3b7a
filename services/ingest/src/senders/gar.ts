import { z } from 'zod';
import { announce } from './announcement.js';
import { jsonSender } from './json-sender.js';
import { oidcToken } from './proof.js';
import { pushTime } from './push-time.js';

/** https://cloud.google.com/pubsub/docs/push#receive_push */
const envelope = z.object({
  message: z.object({ data: z.string(), publishTime: z.unknown().optional() }),
});

/** https://cloud.google.com/artifact-registry/docs/configure-notifications: `tag` and `digest` are whole references. */
const notification = z.object({
  action: z.string(),
  tag: z.string().optional(),
  digest: z.string().optional(),
});

/**
 * Google Artifact Registry and Container Registry: a push subscription of Pub/Sub, which signs each request with a token of the
 * service account that it is configured with.
 */
export const gar = jsonSender({
  name: 'gar',
  proof: oidcToken({
    issuer: 'https://accounts.google.com',
    aliases: ['accounts.google.com'],
    demands: { email_verified: 'true' },
  }),
  payload: envelope,
  announced({ message }, { receivedAt }) {
    const parsed = notification.safeParse(decoded(message.data));
    if (!parsed.success) return { ignored: 'not a notification of Artifact Registry' };
    const { action, tag, digest } = parsed.data;
    if (action !== 'INSERT') return { ignored: 'not the push of an image' };
    // The upload and each of its tags are messages of their own.
    if (!tag) return { ignored: 'an upload without a tag' };
    const [, resolved] = digest?.split('@') ?? [];
    return [announce({ repository: tag, digest: resolved, where: 'tag' }, pushTime(message.publishTime, receivedAt))];
  },
});

function decoded(data: string): unknown {
  try {
    return JSON.parse(Buffer.from(data, 'base64').toString());
  } catch {
    return undefined;
  }
}
