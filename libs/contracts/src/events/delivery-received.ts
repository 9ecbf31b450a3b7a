import { z } from 'zod';
import { defineEvent } from '../definition.js';
import { label } from '../names.js';
import { imageRef, ticketAttempt, ticketHead } from '../ticket.js';

export const deliveryReceived = defineEvent({
  type: 'delivery.received',
  summary: 'An authenticated webhook, without its headers and secrets. It is kept for a day, for a replay.',
  stream: 'K8STA_DELIVERIES',
  pattern: 'k8sta.delivery.{sender}.received',
  tokens: ({ sender }) => ({ sender }),
  publishers: ['ingest'],
  consumers: [],
  readers: ['ingest'],
  schema: z.looseObject({
    sender: label,
    delivery: z.string().min(1).max(128).describe("the sender's delivery id, or else the hash of the body"),
    provenBy: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('the file and the line of the secret that matched, such as `ghcr:1`; never the secret'),
    receivedAt: z.iso.datetime(),
    contentType: z.string().max(255),
    body: z.string().describe('the body without its secrets'),
    pushes: z
      .array(z.looseObject({ image: imageRef, pushedAt: z.iso.datetime() }))
      .optional()
      .describe('the images that it announces, as its sender was read when it came'),
    opens: z
      .array(
        z.looseObject({
          ...ticketHead,
          attempt: ticketAttempt.optional(),
          pushedAt: z.iso.datetime(),
        }),
      )
      .optional()
      .describe(
        'the Tickets that it opens, to publish them if ingest is killed before it has; absent if there are very many',
      ),
  }),
});
