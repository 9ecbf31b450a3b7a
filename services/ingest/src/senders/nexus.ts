import { z } from 'zod';
import { announce, atRegistry } from './announcement.js';
import { jsonSender } from './json-sender.js';
import { hmac } from './proof.js';
import { pushTime } from './push-time.js';

/** https://help.sonatype.com/en/example-headers-and-payloads.html */
const event = z.object({
  timestamp: z.unknown().optional(),
  repositoryName: z.string(),
  action: z.string(),
  component: z.object({ format: z.string(), name: z.string(), version: z.unknown().optional() }).optional(),
});

/**
 * Sonatype Nexus Repository 3. Its HMAC is one with SHA-1, which is still safe for that. It names neither a host nor a digest.
 */
export const nexus = jsonSender({
  name: 'nexus',
  proof: hmac('X-Nexus-Webhook-Signature', { algorithm: 'sha1', prefix: '', encoding: 'hex' }),
  payload: event,
  announced({ timestamp, repositoryName, action, component }, { receivedAt, registry }) {
    // Of an asset, only the path of a blob is known.
    if (!component) return { ignored: 'not about a component' };
    if (component.format !== 'docker') return { ignored: 'the component is not an image' };
    if (action !== 'CREATED' && action !== 'UPDATED') return { ignored: 'an image was not created or updated' };
    const host = registry(repositoryName);
    if (host === undefined) {
      return [{ fault: 'K8STA_WEBHOOK_REGISTRIES does not say how images are pulled from this repository of Nexus' }];
    }
    const repository = atRegistry(host, component.name);
    return [announce({ repository, tag: component.version, where: 'component.name' }, pushTime(timestamp, receivedAt))];
  },
});
