import { z } from 'zod';
import { announce } from './announcement.js';
import { jsonSender } from './json-sender.js';
import { pathSecret } from './proof.js';

/**
 * The fields that we read of Quay's notification "Push to Repository"
 * (https://docs.quay.io/guides/notifications.html#repository-push). Quay signs nothing, and sends neither a digest nor a
 * time. Its other notifications have no `updated_tags`.
 */
const notification = z.object({
  docker_url: z.string(),
  updated_tags: z.array(z.unknown()).optional(),
});

export const quay = jsonSender({
  name: 'quay',
  proof: pathSecret,
  payload: notification,
  announced({ docker_url, updated_tags }, { receivedAt }) {
    if (!updated_tags) return { ignored: 'not the push of an image' };
    return updated_tags.map((tag) => announce({ repository: docker_url, tag, where: 'docker_url' }, receivedAt));
  },
});
