import { z } from 'zod';
import { type Announcement, announce, atRegistry } from './announcement.js';
import { jsonSender } from './json-sender.js';
import { literalHeader, pathSecret } from './proof.js';
import { pushTime } from './push-time.js';

/** https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference */
const pushed = z.object({
  timestamp: z.unknown().optional(),
  target: z.object({ repository: z.string(), tag: z.unknown().optional(), digest: z.unknown().optional() }),
  request: z.object({ host: z.string() }),
});

/** Azure Container Registry's own webhooks, with a header that the webhook is created with. */
export const acr = jsonSender({
  name: 'acr',
  proof: literalHeader('Authorization'),
  payload: z.object({
    action: z.string(),
    target: z.unknown().optional(),
    request: z.unknown().optional(),
    timestamp: z.unknown().optional(),
  }),
  // A ping and the deletion of an image have other fields.
  announced({ action, ...event }, { receivedAt }) {
    if (action !== 'push') return { ignored: 'not the push of an image' };
    const parsed = pushed.safeParse(event);
    return parsed.success
      ? [announcementOf(parsed.data, parsed.data.timestamp, receivedAt)]
      : [{ fault: 'needs "target.repository" and "request.host"' }];
  },
});

const gridEvent = z.object({ eventType: z.string(), eventTime: z.unknown().optional(), data: z.unknown().optional() });

/** https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema */
const validation = z.object({ validationCode: z.string().regex(/^[A-Za-z0-9-]{1,128}$/) });

/**
 * The same by Azure Event Grid, in its Event Grid schema. It posts a list of events, and its first event asks for a code back,
 * to prove that this address wants the others.
 */
export const acrEventGrid = jsonSender({
  name: 'acr-event-grid',
  proof: pathSecret,
  payload: z.array(gridEvent),
  // Whoever knows it can confirm the subscription.
  secretKeys: new Set(['validationCode', 'validationUrl']),
  announced(events, { receivedAt }) {
    for (const { eventType, data } of events) {
      if (eventType !== 'Microsoft.EventGrid.SubscriptionValidationEvent') continue;
      const parsed = validation.safeParse(data);
      if (!parsed.success) return [{ fault: 'the validation event needs "data.validationCode"' }];
      return { ignored: 'the handshake of Event Grid', answer: { validationResponse: parsed.data.validationCode } };
    }
    return events.map(({ eventType, eventTime, data }, at): Announcement => {
      if (eventType !== 'Microsoft.ContainerRegistry.ImagePushed') return { ignored: 'not the push of an image' };
      const parsed = pushed.safeParse(data);
      if (!parsed.success) return { fault: `[${at}].data needs "target.repository" and "request.host"` };
      return announcementOf(parsed.data, eventTime, receivedAt);
    });
  },
});

function announcementOf({ target, request }: z.output<typeof pushed>, at: unknown, receivedAt: Date): Announcement {
  const repository = atRegistry(request.host, target.repository);
  return announce({ ...target, repository, where: 'target.repository' }, pushTime(at, receivedAt));
}
