import type { Announcement } from '@k8sta/contracts';
import { formatIssues, tryParseJson } from '@k8sta/text';
import type { NatsConnection } from 'nats';
import type { z } from 'zod';
import type { Log } from './log.js';

/** Strict: throws if the data does not match the schema. Says nothing once the connection is closed. */
export function announce<Schema extends z.ZodType>(
  connection: NatsConnection,
  { subject, schema }: Announcement<Schema>,
  data: z.input<Schema>,
): void {
  if (!connection.isClosed()) connection.publish(subject, JSON.stringify(schema.parse(data)));
}

/** Hears what every replica announces: without a queue, which would divide it among them. */
export function listen<Schema extends z.ZodType>(
  connection: NatsConnection,
  { subject, schema }: Announcement<Schema>,
  log: Log,
  hear: (data: z.output<Schema>) => void,
): void {
  connection.subscribe(subject, {
    callback(error, message) {
      if (error) return;
      const read = schema.safeParse(tryParseJson(message.string()));
      if (read.success) hear(read.data);
      else log.warn({ subject, message: formatIssues(read.error) }, 'announcement cannot be read');
    },
  });
}
