import { createHmac } from 'node:crypto';
import type { ReceiverSpec } from '../rules/rule.js';
import { accepted, request } from './http.js';
import type { Delivery, Receiver } from './receiver.js';
import { faultOf, secretIn } from './secret.js';
import type { ReceiverOptions } from './slack.js';

export type WebhookSpec = Extract<ReceiverSpec, { kind: 'webhook' }>;

/** A CloudEvent in structured mode, signed over its bytes. Each attempt has the same id; its links may differ. */
export function webhook({ name, url, secretFile }: WebhookSpec, { secrets, timeoutMs }: ReceiverOptions): Receiver {
  const isLong = (value: string) => (value.length >= 16 ? undefined : 'holds a key of less than 16 characters');
  const secret = secretIn(secrets, secretFile, isLong);
  return {
    ...{ name, abilities: { edits: false, replies: false }, knowsRepeats: true },
    check: () => faultOf(secret),
    async send(delivery) {
      const read = await secret.read();
      if ('fault' in read) return { is: 'unsent', why: read.fault };
      const body = JSON.stringify(cloudEvent(delivery));
      const headers = {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'x-k8sta-signature-256': `sha256=${createHmac('sha256', read.value).update(body).digest('hex')}`,
        'idempotency-key': delivery.id,
      };
      const answer = accepted(await request({ url, headers, body, timeoutMs, secret: read.value }));
      return 'is' in answer ? answer : { is: 'sent', ref: { id: delivery.id } };
    },
  };
}

function cloudEvent({ id, message, notice }: Delivery) {
  const { type, time, track, ticket, image, by, verb, since, items } = notice;
  return {
    specversion: '1.0',
    id,
    source: '/k8sta/notifier',
    type: `k8sta.notification.${type}`,
    subject: notice.thread,
    time: time.toISOString(),
    datacontenttype: 'application/json',
    ...(ticket !== undefined && { ticketid: ticket }),
    data: { ...message, track, ticket, image, by, verb, since, items },
  };
}
