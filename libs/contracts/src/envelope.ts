import { z } from 'zod';

/**
 * The envelope of every message on the bus: CloudEvents 1.0, structured JSON mode
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md). Extension attribute names are
 * lower-case letters and digits only, which is why the Ticket's id travels as `ticketid`.
 */
export const envelopeSchema = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).describe("deterministic, begins with the type, and is the message's `Nats-Msg-Id`"),
  source: z.string().min(1).describe('the service that published it, as a URI reference: `/k8sta/tracker`'),
  type: z.string().min(1),
  subject: z.string().optional().describe('the Ticket, promotion part or Application that it is about'),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  traceparent: z.string().optional().describe('W3C trace context of the cause of this event'),
  ticketid: z.string().optional().describe('the Ticket that it is about'),
  data: z.unknown().describe('the fields of the event'),
});

export type Envelope = z.infer<typeof envelopeSchema>;
