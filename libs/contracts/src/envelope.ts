import { z } from 'zod';

/**
 * What every message on the bus is wrapped in: CloudEvents 1.0, structured JSON mode
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md). Extension attribute names are
 * lower-case letters and digits only, which is why the Ticket's id travels as `ticketid`.
 */
export const envelopeSchema = z.looseObject({
  specversion: z.literal('1.0'),
  /** Deterministic, begins with the type, and is the message's `Nats-Msg-Id`. */
  id: z.string().min(1),
  /** Which service said it, as a URI reference: `/k8sta/tracker`. */
  source: z.string().min(1),
  type: z.string().min(1),
  /** What it is about: a Ticket id, a promotion part, an Application. */
  subject: z.string().optional(),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  /** W3C trace context of what caused this event. */
  traceparent: z.string().optional(),
  ticketid: z.string().optional(),
  data: z.unknown(),
});

export type Envelope = z.infer<typeof envelopeSchema>;
